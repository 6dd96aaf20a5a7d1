"""The style sheet of the HTML renderings: scoped by one class, for light and dark backgrounds.

It answers to the width of the article and not of the window, so that a notebook's cell counts too.
"""

_LIGHT = """--faint: #5b6470; --rule: #dde1e6; --panel: #f5f7f9; --accent: #35618f; --proved: #1a7f37;
  --verified: #0b7285; --refuted: #c62828; --undecided: #946200;"""
_DARK = """--faint: #9aa5b1; --rule: #363d45; --panel: #1d2228; --accent: #7fb0e0; --proved: #56d364;
  --verified: #4cc9dc; --refuted: #ff7b72; --undecided: #e3b341;"""

STYLE = (
    f"""
.chainrule {{ {_LIGHT} }}
@media (prefers-color-scheme: dark) {{ .chainrule {{ {_DARK} }} }}
[data-jp-theme-light="true"] .chainrule {{ {_LIGHT} }}
[data-jp-theme-light="false"] .chainrule, .vscode-dark .chainrule {{ {_DARK} }}
"""
    """
.chainrule { --notes: system-ui, "Segoe UI", Roboto, "Helvetica Neue", sans-serif;
  container-type: inline-size; color: inherit; max-width: 62rem; text-align: left;
  font: 17px/1.5 "STIX Two Text", Charter, "Bitstream Charter", "Iowan Old Style", Georgia,
    "Times New Roman", serif; }
.chainrule h2 { font-size: 1.6em; font-weight: 600; line-height: 1.25; margin: 0 0 .15em;
  text-wrap: balance; }
.chainrule h3 { font-size: 1.12em; font-weight: 600; margin: 1.5em 0 .45em; }
.chainrule p { margin: .6em 0; max-width: 42rem; }
.chainrule code { font: .8em ui-monospace, "DejaVu Sans Mono", monospace; color: inherit;
  background: none; padding: 0; }
.chainrule .cr-faint { color: var(--faint); }
.chainrule .cr-id { color: var(--faint); font: .78em ui-monospace, "DejaVu Sans Mono", monospace; }
.chainrule .cr-note { color: var(--faint); font-size: .9em; }
.chainrule math { font-family: "STIX Two Math", "Latin Modern Math", "Cambria Math", math;
  font-size: 1.06em; }
.chainrule .cr-grid { display: grid; column-gap: 1.6em; row-gap: .3em; align-items: baseline;
  grid-template-columns: fit-content(60%) minmax(0, 1fr); }
.chainrule .cr-where { grid-template-columns: fit-content(72%) minmax(0, 1fr); }
.chainrule .cr-claims { border-left: 3px solid var(--accent); background: var(--panel);
  padding: .6em 1.1em; border-radius: 0 4px 4px 0; }
.chainrule .cr-claims > .cr-math { padding-top: .22em; padding-bottom: .22em; }
.chainrule .cr-line { display: grid; column-gap: .7em; align-items: center; padding: .32em 0;
  grid-template-columns: 2.2em 1.6em minmax(0, 1fr) minmax(7em, 12em) 4.2em; }
.chainrule .cr-number { color: var(--faint); text-align: right; font: .8em var(--notes); }
.chainrule .cr-relation { text-align: center; }
.chainrule .cr-math { overflow-x: auto; overflow-y: hidden; padding: .1em 0 .1em 1.6em;
  text-indent: -1.6em; }
.chainrule .cr-piece { display: inline-block; text-indent: 0; padding: .1em 0; margin-right: .26em; }
.chainrule .cr-narrow { display: none; }
.chainrule .cr-word { white-space: nowrap; }
.chainrule .cr-inline .cr-piece { padding: 0; }
.chainrule :is(.cr-why, .cr-found) math { font-size: 1.22em; }
.chainrule :is(h2, h3) math { font-weight: normal; font-size: 1em; }
.chainrule .cr-why { text-align: right; overflow-wrap: anywhere; text-wrap: balance;
  color: var(--faint); font: .8em/1.35 var(--notes); }
.chainrule .cr-why > [title] { cursor: help; display: inline-block; }
.chainrule .cr-by { display: contents; }
.chainrule .cr-verdict { font: 600 .78em var(--notes); white-space: nowrap; }
.chainrule .cr-proved { color: var(--proved); }
.chainrule .cr-verified { color: var(--verified); }
.chainrule .cr-refuted { color: var(--refuted); }
.chainrule .cr-undecided { color: var(--undecided); }
.chainrule .cr-explained { grid-column: 3 / -1; border-left: 3px solid currentColor;
  padding: .1em .8em; margin: .2em 0; font: .85em/1.4 var(--notes); overflow-wrap: anywhere; }
.chainrule .cr-explained code, .chainrule .cr-found code { white-space: pre-wrap; }
.chainrule .cr-experiments { list-style: none; padding: 0; }
.chainrule .cr-experiments li { margin: .55em 0; }
.chainrule .cr-piece:last-child { margin-right: 0; }
.chainrule .cr-kind { color: var(--faint); font: .8em var(--notes); margin-right: .9em; }
.chainrule .cr-found { color: var(--faint); font: .85em/1.4 var(--notes); padding-left: 1.2em;
  overflow-wrap: anywhere; }
.chainrule .cr-found .cr-verdict { font-size: .92em; }
.chainrule details { margin: .7em 0; border: 1px solid var(--rule); border-radius: 5px;
  padding: .35em .9em; font: .85em/1.45 var(--notes); }
.chainrule summary { cursor: pointer; }
.chainrule ul { margin: .5em 0; padding-left: 1.2em; }
.chainrule li { margin: .2em 0; overflow-wrap: anywhere; }
.chainrule .cr-foot { display: grid; grid-template-columns: max-content minmax(0, 1fr);
  gap: .35em 1.2em; margin: 1.6em 0 0; padding-top: .8em; border-top: 1px solid var(--rule);
  font-size: .92em; }
.chainrule dt { color: var(--faint); }
.chainrule dd { margin: 0; overflow-wrap: anywhere; }
@container (max-width: 44rem) {
  .chainrule .cr-line { grid-template-columns: 1.9em 1.4em minmax(0, 1fr); column-gap: .35em; }
  .chainrule .cr-math { padding-left: 1em; text-indent: -1em; }
  .chainrule .cr-by { grid-column: 3; display: flex; flex-wrap: wrap; gap: 0 .9em;
    align-items: baseline; }
  .chainrule .cr-why { text-align: left; }
  .chainrule .cr-explained { grid-column: 3; }
  .chainrule .cr-grid { grid-template-columns: fit-content(45%) minmax(0, 1fr); }
  .chainrule .cr-where { grid-template-columns: minmax(0, 1fr); }
  .chainrule .cr-where > :nth-child(even) { margin: -.25em 0 .3em 1em; color: var(--faint); }
}
@container (max-width: 30rem) {
  .chainrule .cr-wide { display: none; }
  .chainrule .cr-narrow { display: inline; }
  .chainrule .cr-claims { padding: .5em .7em; }
  .chainrule math { font-size: 1em; }
  .chainrule h2 { font-size: 1.35em; }
}
@media print {
  .chainrule :is(.cr-line, .cr-claims, .cr-grid > div, li) { break-inside: avoid; }
  .chainrule :is(h2, h3, .cr-first, .cr-id) { break-after: avoid; }
  .chainrule details:not([open]) { display: none; }
}
"""
    f"""@media print {{ .chainrule {{ {_LIGHT} color: #1c2126; }} }}
"""
)

PAGE_STYLE = """
:root { color-scheme: light dark; }
body { margin: clamp(1rem, 4vw, 2.8rem) auto; padding: 0 1rem; max-width: 62rem; background: #fff;
  color: #1c2126; }
@media (prefers-color-scheme: dark) { body { background: #14181c; color: #e3e8ed; } }
@media print { body { margin: 0; background: #fff; color: #1c2126; } }
"""
