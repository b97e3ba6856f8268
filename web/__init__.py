"""The pages behind the links in mails: shows on GET, acts on POST; knows nothing behind the use cases."""
