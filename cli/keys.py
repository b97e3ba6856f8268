"""The keys of every command's JSON, as its --help tells them; a test compares them with the views."""

STATUS = (
    "programmes[id, key, title, state, state_title, kommuner, overdue], boards[id, key, title, state, "
    "state_title, today, when, phases[key, title, first_on, last_on, when, state, state_title], kommuner[id, "
    "code, name, state, state_title, trin[trin, title, state, state_title, in_progress, done, parked, text], "
    "faser[key, title, state, state_title]], overdue[id, key, title, kind, kommune, kommune_name, state_title, "
    "first_on, last_on, when, days, reason, uncertain], coming[id, key, title, kind, kommune, kommune_name, "
    "state_title, first_on, last_on, when, days, reason, uncertain], held_mails, dead_mails, "
    "late_timers[instance_id, title, kommune_name, rule, rule_title, due_at, attempts, last_error], "
    "as_of]"
)
SHOW = (
    "id, kind, kind_title, key, title, programme_id, programme_title, kommune, kommune_name, parent_id, "
    "parent_title, paused[at_title, since, why, by, until], "
    "places[region, title, trin, state, state_title, final, since], dates[text, planned_start, "
    "planned_end, precision, actual_start, actual_end, reason, fixed_by], fields[name, title, value, text], "
    "checklist[region, name, title, ticked, on, by, note, owner], children[id, kind, kind_title, key, title, "
    "state_title, when], timers[key, rule, title, due_at, does, attempts, last_error], revision, created_at, "
    "uncertain, prices, as_of, measures[key, title, unit, unit_title, groups, instrument, anonymous], "
    "registrations[id, subject, key, title, kommune, period, group, text, happened_on, recorded_at, actor, actor_name, "
    "note, reason, "
    "overridden, corrects, corrected_by], mails[id, template, role, waits]"
)
OPTIONS = (
    "id, title, revision, options[event, title, region, region_title, from_state, to_state, to_title, may, "
    "wants[name, title, type, choices], wants_reason, takes[name, title, type, choices], missing[code, text, owner, "
    "owner_title, way_out, may_override]]"
)
MISSING = (
    "id, title, steps[event, title, region_title, missing[code, text, owner, owner_title, way_out, may_override], "
    "drafts[role, role_title, to[name, email], subject, body, codes]]"
)
HISTORY = (
    "id, title, as_of, rows[instance_id, seq, kind, event, event_title, what, happened_at, recorded_at, actor_kind, "
    "actor, actor_name, reason, overridden, overridden_text, corrects, corrected_by, taken_back_by_system, "
    "days_late, changed]"
)
AGENDA = (
    "id, title, today, until, overdue[id, key, title, kind, kommune, kommune_name, state_title, first_on, "
    "last_on, when, days, reason, uncertain], under_way[id, key, title, kind, kommune, kommune_name, state_title, "
    "first_on, last_on, when, days, reason, uncertain], coming[id, key, title, kind, kommune, kommune_name, "
    "state_title, first_on, last_on, when, days, reason, uncertain], timers[instance_id, title, kommune_name, "
    "rule, rule_title, does, due_at, late], as_of"
)
OUTBOX = (
    "id, title, all_mail_to, mails[id, instance_id, title, kommune_name, intent, intent_title, template, role, "
    "role_title, why, status, status_title, note, queued_at, not_before, settled_at, attempts, last_error, "
    "sent_to, waits, letters[id, person_id, person, shape, shape_title, status, status_title, goes_at, settled_at, "
    "attempts, last_error, note, message_id, mails, is_trial, instead]]"
)
RESENT = (
    "letters[id, person_id, person, shape, shape_title, status, status_title, goes_at, settled_at, attempts, "
    "last_error, note, message_id, mails, is_trial, instead]"
)
HAPPENED = (
    "id, title, revision, story[instance_id, seq, kind, event, event_title, what, happened_at, recorded_at, "
    "actor_kind, actor, actor_name, reason, overridden, overridden_text, corrects, corrected_by, "
    "taken_back_by_system, days_late, changed], "
    "others[instance_id, seq, kind, event, event_title, what, happened_at, recorded_at, actor_kind, actor, "
    "actor_name, reason, overridden, overridden_text, corrects, corrected_by, taken_back_by_system, days_late, "
    "changed], titles, born[id, kind, "
    "kind_title, key, title, state_title, when], moved[id, key, title, kommune_name, was, now, reason], "
    "mails[id, instance_id, title, kommune_name, intent, intent_title, template, role, role_title, why, "
    "status, status_title, note, queued_at, not_before, settled_at, attempts, last_error, "
    "sent_to, waits, letters[id, person_id, person, shape, shape_title, status, status_title, goes_at, settled_at, "
    "attempts, last_error, note, message_id, mails, is_trial, instead]]"
)
PREVIEW = (
    "mails, people, planned[person_id, person, template, matter, about, goes_at, note], unsent, first, moved[id, key, "
    "title, kommune_name, was, now, reason]"
)
SELECTION = "id, title, applied, kommuner[code, name, region, size, size_text, population, chosen, why]"
CLUSTERS = "id, title, rule, applied, clusters[title, theme, kommuner, names, why], left_out[code, name, why]"
PERSON = "id"
READDRESSED = "person_id, email, is_new, released, given_up"
ROLE = "id, person_id, role"
PEOPLE = (
    "people[id, name, email, is_shared_mailbox, paused_until], roles[id, person_id, role, programme_id, "
    "kommune, from_on, to_on, substitute_id, stand_in_id, stand_in_until, away_until]"
)
REPLACED = "roles, invited, uninvited"
HANDED_OVER = (
    "replaced[roles, invited, uninvited], open[instance_id, programme_id, title, kommune, state, next_step, when], "
    "mails"
)
ABSENT = "person_id, until, stand_in_id, covered, uncovered"
BUSY = "id, meetings[instance_id, title, programme_id, programme, kommune, first_on, last_on, state]"
WORKFLOWS = "workflows[key, version, title]"
CHECK = (
    "file, ok, problems[file, line, column, path, rule, message], "
    "warnings[file, line, column, path, rule, message], about"
)
OUTLINE = (
    "key, version, title, purpose, period, facts, sections[title, when, items[key, title, when, "
    "is_our_proposal, details, is_ours, otherwise, note], otherwise]"
)
TICK = "timers[fired, failed], mails[sent, withdrawn, held, failed]"
TRIAL = "mailer, recipient, ok, steps[name, text], error, file"
LAUNCH = (
    "mails, people, over, doubled, newer, forgotten, is_all, letters, "
    "planned[letter_id, person_id, person, subject, goes_at], waiting (with --preview)"
)
INBOX = "bounced, delayed, answers, automatic, foreign, other, failed, full, broke"
_LEFT = "id, why, why_title, place, left_at, person_id, person, instance_id, meeting"
BROKEN = f"addresses[person_id, name, email, since], mails[{_LEFT}], replies"
SETTLED = "settled"
FORGOTTEN = "person_id, forgotten"
RUN = "timers[fired, failed], mails[sent, withdrawn, held, failed], broken, held"
HEALTH = "level, at, last_tick, checks[name, level, text, advice]"
DIAGNOSIS = "findings[code, instance_id, text], counts[name: number]"
REHEARSAL = (
    "key, version, title, seed, first_on, last_on, ended, kommuner[name, state, no_place_on], months[first, held[on, "
    "until, key, title, kind, kommune, state, planned, moved]], mailboxes[person, role, kommune, mails, "
    "busiest_week, most], collisions[code, on, text], unmet[code, key, title, kommune, days, why], before_start, "
    "overrides[on, title, kommune, step, why], loads[role, title, holders, activities, mails, weeks[monday, "
    "activities, mails]], nobody[role, text, mails], still_open[id, kind, key, title, kommune, state], "
    "findings, decisions, mails, failed, seconds"
)
GALLERY = "folder, mails[name, group, title, subject, size, html, text, eml]"
EXPECTED = "checked[file, line, case, text, ok, instead], wrong"
REGISTERED = (
    "id, subject, key, title, kommune, period, group, text, happened_on, recorded_at, actor, actor_name, note, reason, "
    "overridden, corrects, corrected_by"
)
_SHOWN = "evaluation, title, state, amount, yes, n, hidden, text"
_LINE = f"kommune, group, baseline[{_SHOWN}], later[shown[{_SHOWN}], change, is_better, text, notes]"
RESULTS = f"id, title, measures[key, title, unit, better, anonymous, how, total[{_LINE}], lines[{_LINE}]]"
CRITERIA = (
    "id, title, criteria[key, title, status, status_title, text, parts[kommune, group, status, status_title, text]]"
)
_ATTENDEE = "person_id, name, kommune, state, state_title, invited_at, answer, answered_at, way, is_old, place, came"
ATTENDEE = _ATTENDEE
_SEATS = "kommune, seats, left, waiting"
ATTENDANCE = f"id, title, sequence, people[{_ATTENDEE}], counts, seats[{_SEATS}], no_shows, replies, written, writers"
REPLIES = "replies[id, instance_id, person_id, why, why_title, answer, sender, received_at]"
ADDRESS = "person_id, programme_id, secret, address"
REVOKED = "person_id, programme_id, revoked"
WISH = "person_id, said"
_PREFERENCE = "person_id, person, kind, kind_title, opted_out, out_until, paused_until, digest"
WISHES = f"preferences[{_PREFERENCE}]"
MEMORY = "texts[template, sent, moved, share]"
MESSAGE = "id, people, is_new"
TAKEN_BACK = "preview, id, subject, letters, had"
