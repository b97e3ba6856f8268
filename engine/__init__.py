"""The pure core: values, definitions, decisions and plans; knows no clock, database, mail or log."""
