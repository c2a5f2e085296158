/** Look of the page, on screen and on paper (A4); no fonts, images or scripts from anywhere. */
export const style = `
@page { size: A4; margin: 16mm 14mm 18mm; }
* { box-sizing: border-box; }
body { font: 15px/1.5 "Segoe UI", "Helvetica Neue", Arial, "Liberation Sans", "DejaVu Sans", sans-serif; color: #1a1d21; max-width: 58rem; margin: 2rem auto; padding: 0 1.25rem; }
h1 { font-size: 1.7rem; line-height: 1.2; margin: 0 0 .25rem; }
h2 { font-size: 1.2rem; margin: 2.2rem 0 .5rem; padding-bottom: .2rem; border-bottom: 2px solid #1a1d21; break-after: avoid; }
h3 { font-size: 1rem; margin: 1.2rem 0 .35rem; break-after: avoid; }
p { margin: .35rem 0 .7rem; }
.exercise { border: 2px solid #1a1d21; padding: .35rem .6rem; text-align: center; font-weight: 700; letter-spacing: .02em; margin-bottom: 1.4rem; }
.when, .note { color: #4b5259; }
.verdict { border-left: .5rem solid; padding: .8rem 1.1rem; margin: 1.1rem 0 1.4rem; background: #f4f5f6; break-inside: avoid; }
.verdict strong { font-size: 1.25rem; display: block; }
.verdict p { margin: .3rem 0 0; }
.ok { border-color: #1b6e3c; } .ok strong { color: #14562f; }
.bad { border-color: #a31919; } .bad strong { color: #8a1212; }
table { border-collapse: collapse; width: 100%; margin: .3rem 0 1rem; font-size: .92em; }
th, td { text-align: left; vertical-align: top; padding: .3rem .7rem .3rem 0; border-bottom: 1px solid #d3d7db; overflow-wrap: anywhere; }
thead th { border-bottom: 1.5px solid #1a1d21; font-weight: 600; white-space: nowrap; }
tbody th { font-weight: 600; }
table.facts, table.steps { table-layout: fixed; } table.facts th { width: 11rem; }
table.counts td, table.counts th:not(:first-child) { text-align: right; font-variant-numeric: tabular-nums; }
table.steps th:nth-child(1) { width: 2.2rem; } table.steps th:nth-child(2) { width: 11rem; } table.steps th:nth-child(4) { width: 11rem; } table.steps td:nth-child(2) { font-weight: 600; }
thead { display: table-header-group; } tr { break-inside: avoid; }
code { font: .88em/1.4 ui-monospace, "Cascadia Mono", Menlo, "DejaVu Sans Mono", monospace; overflow-wrap: anywhere; }
.finding { border: 1px solid #d9b4b4; border-left: .35rem solid #a31919; padding: .6rem .9rem; margin: .6rem 0; break-inside: avoid; }
.finding h3 { margin: .1rem 0 .3rem; } .finding p { margin: .2rem 0; } .finding ul { margin: .3rem 0; padding-left: 1.2rem; }
.pass { color: #14562f; } .fail { color: #8a1212; font-weight: 600; } .skip { color: #6a5300; }
@media print { body { font-size: 10pt; max-width: none; margin: 0; padding: 0; } h2 { margin-top: 1.4rem; } .verdict { background: none; border: 1px solid #1a1d21; border-left: .5rem solid; } .ok { border-left-color: #1b6e3c; } .bad { border-left-color: #a31919; } }
`
