/** Style of the report: light or dark as the reader's system is, on paper always light. */
export const reportStyle = `
:root { color-scheme: light dark; --text: #1c2024; --soft: #60646c; --line: #d9dce1; --back: #fff; --shade: #f5f6f8;
  --insert: #1b7f4b; --replace: #9a6700; --delete: #c62a2f; }
@media (prefers-color-scheme: dark) { :root { --text: #e6e8eb; --soft: #9ba1a6; --line: #34383e; --back: #17191c;
  --shade: #202327; --insert: #4cc38a; --replace: #e5a13a; --delete: #ff6b70; } }
* { box-sizing: border-box; }
body { margin: 2rem auto; max-width: 75rem; padding: 0 1.5rem; color: var(--text); background: var(--back);
  font: 14px/1.45 system-ui, -apple-system, 'Segoe UI', sans-serif; }
h1 { font-size: 1.5rem; } h2 { font-size: 1.15rem; margin: 2rem 0 .5rem; } h4 { font-size: .95rem; margin: 1rem 0 .35rem; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .2rem 1rem; }
dt, .note, .type, .none { color: var(--soft); } dd { margin: 0; }
table { border-collapse: collapse; width: 100%; margin: .5rem 0; }
th, td { border-bottom: 1px solid var(--line); padding: .3rem .6rem; text-align: left; vertical-align: top;
  overflow-wrap: anywhere; }
th { background: var(--shade); font-weight: 600; } .number { text-align: right; font-variant-numeric: tabular-nums; }
code { font: 12.5px ui-monospace, Menlo, Consolas, monospace; overflow-wrap: anywhere; white-space: pre-wrap; }
.fields td:nth-child(n + 3) { width: 32%; font: 12.5px ui-monospace, Menlo, Consolas, monospace; white-space: pre-wrap; }
.mark { border: 1px solid currentColor; border-radius: 3px; padding: 0 .35rem; font-size: .8rem; font-weight: 600; }
.mark.onlyInBackup { color: var(--insert); } .mark.changed { color: var(--replace); } .mark.onlyInTarget { color: var(--delete); }
.problems .blocking strong { color: var(--delete); } .problems .warning strong { color: var(--replace); }
@media print { :root { color-scheme: light; --text: #000; --soft: #555; --line: #bbb; --back: #fff; --shade: #f2f2f2;
  --insert: #1b7f4b; --replace: #9a6700; --delete: #c62a2f; }
  body { margin: 0; max-width: none; font-size: 10pt; } section, tr { break-inside: avoid; } h2, h4 { break-after: avoid; }
  thead { display: table-header-group; } @page { margin: 15mm; } }
`;
