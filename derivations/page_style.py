"""The style sheet of the HTML renderings: scoped by one class, for light and dark backgrounds."""

STYLE = """
.chainrule { --faint: #5b6470; --rule: #d5dae0; --panel: #f4f6f8; --proved: #1a7f37;
  --verified: #0b7285; --refuted: #c62828; --undecided: #946200;
  color: inherit; font: 15px/1.5 system-ui, sans-serif; max-width: 62rem; text-align: left; }
@media (prefers-color-scheme: dark) { .chainrule { --faint: #9aa5b1; --rule: #3b434c;
  --panel: #20262d; --proved: #56d364; --verified: #4cc9dc; --refuted: #ff7b72;
  --undecided: #e3b341; } }
[data-jp-theme-light="true"] .chainrule { --faint: #5b6470; --rule: #d5dae0; --panel: #f4f6f8;
  --proved: #1a7f37; --verified: #0b7285; --refuted: #c62828; --undecided: #946200; }
[data-jp-theme-light="false"] .chainrule, .vscode-dark .chainrule { --faint: #9aa5b1;
  --rule: #3b434c; --panel: #20262d; --proved: #56d364; --verified: #4cc9dc; --refuted: #ff7b72;
  --undecided: #e3b341; }
.chainrule h2 { font-size: 1.35em; line-height: 1.3; margin: 0 0 .2em; }
.chainrule h3 { font-size: 1.05em; margin: 1.4em 0 .4em; }
.chainrule p { margin: .5em 0; max-width: 46rem; }
.chainrule .cr-faint { color: var(--faint); }
.chainrule .cr-id { color: var(--faint); font-family: ui-monospace, monospace; font-size: .85em; }
.chainrule math { font-family: "STIX Two Math", "Latin Modern Math", "Cambria Math", math;
  font-size: 1.08em; }
.chainrule .cr-grid { display: grid; column-gap: 1.4em; row-gap: .3em; align-items: baseline; }
.chainrule .cr-given { grid-template-columns: max-content max-content minmax(8em, 1fr); }
.chainrule .cr-where { grid-template-columns: minmax(0, max-content) minmax(8em, 1fr); }
.chainrule .cr-claims { border-left: 3px solid var(--verified); background: var(--panel);
  padding: .5em 1em; }
.chainrule .cr-line { display: grid; column-gap: .6em; align-items: center; padding: .35em 0;
  grid-template-columns: 2.4em 1.9em minmax(0, 1fr) minmax(9em, 16em);
  border-top: 1px solid var(--rule); }
.chainrule .cr-line.cr-first { border-top: 0; }
.chainrule .cr-number { color: var(--faint); text-align: right; font-size: .85em; }
.chainrule .cr-relation { text-align: center; }
.chainrule .cr-math { overflow-x: auto; overflow-y: hidden; padding: .1em 0 .1em 1.8em;
  text-indent: -1.8em; }
.chainrule .cr-piece { display: inline-block; text-indent: 0; padding: .12em .12em .12em 0; }
.chainrule .cr-why { text-align: right; font-size: .88em; color: var(--faint); }
.chainrule .cr-why [title] { cursor: help; }
.chainrule .cr-verdict { font-weight: 600; white-space: nowrap; }
.chainrule .cr-proved { color: var(--proved); }
.chainrule .cr-verified { color: var(--verified); }
.chainrule .cr-refuted { color: var(--refuted); }
.chainrule .cr-undecided { color: var(--undecided); }
.chainrule .cr-explained { grid-column: 3 / -1; border-left: 3px solid currentColor;
  padding: .1em .8em; font-size: .92em; overflow-wrap: anywhere; }
.chainrule .cr-explained code { color: inherit; background: none; white-space: pre-wrap; }
.chainrule details { margin: .8em 0; border: 1px solid var(--rule); border-radius: 6px;
  padding: .4em .9em; }
.chainrule summary { cursor: pointer; }
.chainrule ul { margin: .5em 0; padding-left: 1.2em; }
.chainrule li { margin: .15em 0; overflow-wrap: anywhere; }
@media (max-width: 46rem) {
  .chainrule .cr-line { grid-template-columns: 2em 1.4em minmax(0, 1fr); }
  .chainrule .cr-why, .chainrule .cr-explained { grid-column: 3; text-align: left; }
  .chainrule .cr-given, .chainrule .cr-where { grid-template-columns: minmax(0, 1fr);
    row-gap: .1em; }
}
@media print { .chainrule .cr-line { break-inside: avoid; } }
"""

PAGE_STYLE = """
:root { color-scheme: light dark; }
body { margin: 2.5rem auto; padding: 0 1.2rem; max-width: 62rem; background: #fff; color: #1c2126; }
@media (prefers-color-scheme: dark) { body { background: #14181c; color: #e3e8ed; } }
"""
