"""A small part and a small programme that use most of what a definition can say, for tests to break."""

PART = """\
format: 1
part: ramme
version: 1
title: Ramme

roles:
  leder: {does: Leder}

activity_kinds:
  workshop: moede
  survey: opgave

machines:
  programme:
    title: Program
    regions:
      forloeb:
        title: Forløb
        states:
          planlagt: {title: Planlagt, births: activities}
          i_gang: I gang
          slut: {title: Slut, final: true}
        moves:
          begynd: planlagt -> i_gang
          tilmeld: {in: planlagt, births: kommune, wants: navn, needs: {deadline: enrolment}}
          afslut:
            move: i_gang -> slut
            needs: {children: {kind: kommune, region: trin_1, in: [afsluttet], all: true}}
      fase:
        title: Fase
        phase: true
        moves:
          begynd: venter -> i_gang
          afslut: i_gang -> afsluttet
    fields:
      navn: Kommunens navn
  kommune:
    title: Kommune
    parent: programme
    fields:
      effekt: Ønsket effekt
    regions:
      trin_1:
        title: Trin 1
        trin: 1
        checklist:
          formaal: {title: Formålet er skrevet ned, owner: leder}
        moves:
          begynd: venter -> i_gang
          afslut:
            move: i_gang -> afsluttet
            takes: effekt
            needs: [checklist, {fields: [effekt]}, {parent: {region: forloeb, in: i_gang}}]
            notices: [{to: leder, text: tillykke}]
      trin_2:
        title: Trin 2
        trin: 2
        moves:
          begynd: {move: venter -> i_gang, needs: [{own: {region: trin_1, in: [i_gang, afsluttet]}}]}
          afslut: i_gang -> afsluttet
    joins:
      - {region: trin_2, move: venter -> i_gang, when: {own: {region: trin_1, in: afsluttet}}}
    together:
      begge: {title: Begge, moves: [trin_1.begynd, trin_2.begynd]}
  moede:
    title: Møde
    parent: programme
    regions:
      status:
        title: Status
        moves:
          begynd: {move: venter -> i_gang, gated: true}
          hold: {move: "* -> afsluttet", wants: reason}
  opgave:
    title: Opgave
    parent: programme
    regions:
      status:
        title: Status
        moves:
          begynd: venter -> i_gang
          afslut: i_gang -> afsluttet

reminders:
  fasen_begynder:
    title: Fasen begynder
    on: programme
    during: fase.venter
    anchor: fase
    fires: fase.begynd
  trin_staar_stille:
    title: Trin 1 står stille
    on: kommune
    during: trin_1.i_gang
    offset: 3 uger
    at: "09:30"
    to: [leder, ansvarlig]
    text: tillykke

texts:
  tillykke:
    subject: "Tillykke, {{ kommune }}"
    body: Det gik godt.
"""

PROGRAMME = """\
format: 1
workflow: proeve
version: 1
title: Prøve
uses: ramme@1
period: 2019-09-02 til 2020-12-31
kommuner: {capacity: 2-4, select_by: geografi}
enrolment: {deadline: senest 2019-08-01}
roles:
  konsulent: {does: Hjælper, stands_for: leder}
responsible: {kommune: konsulent}
spor:
  proces: {title: Proces}
faser:
  start_fase: {title: Start, when: 2019-09-02 til 2020-01-31}
  slut_fase: {title: Slut, when: februar 2020 til august 2020, overlaps_with: start_fase}
external_dates:
  ny_lov: {title: Ny lov, on: 2020-01-01}
activities:
  opstart:
    title: Opstart
    kind: workshop
    in: start_fase / proces
    level: kommune
    when: 2019-09-20
    who: [leder, konsulent]
    facilitator: konsulent
  opfoelgning:
    title: Opfølgning
    kind: workshop
    in: slut_fase / proces
    level: kommune
    when: 6 uger efter opstart
    part_of: opstart
    count: op til 3
  maaling: {title: Måling, kind: survey, in: "- / proces", level: cross, when: efter ny_lov}
evaluations:
  baseline: {title: Baseline, when: start, level: kommune, by: Os, window: 2}
  sidste: {title: Slutmåling, when: slut, level: kommune, by: Os, matches: baseline}
gates:
  opstart_foerst:
    title: Opstart først
    before: opfoelgning
    needs: {activity: {key: opstart, in: afsluttet}}
    strength: soft
    scope: kommune
monitoring:
  fremdrift: {title: Fremdrift, level: kommune, activities: [maaling]}
reminders:
  husk_maaling:
    title: Husk målingen
    on: opgave
    during: [status.venter, status.i_gang]
    only: maaling
    anchor: end_of_slut_fase
    offset: 5 arbejdsdage før
    to: leder
    text: tillykke
"""
