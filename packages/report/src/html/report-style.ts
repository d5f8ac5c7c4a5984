// The style of a report's page, for light and dark surroundings, screens and paper.

/** The style sheet. */
export const REPORT_STYLE = `:root{color-scheme:light dark;--page:#ffffff;--text:#1f2328;
--quiet:#59636e;--line:#d1d9e0;--box:#f6f8fa;--good:#1a7f37;--bad:#b3261e}
@media (prefers-color-scheme:dark){:root{--page:#0d1117;--text:#e6edf3;--quiet:#9198a1;
--line:#30363d;--box:#161b22;--good:#56d364;--bad:#ff7b72}}
*{box-sizing:border-box}
body{margin:0 auto;max-width:1180px;padding:24px 20px 64px;background:var(--page);
color:var(--text);font:14px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif}
h1{font-size:24px;margin:0 0 4px}
h2{font-size:19px;margin:40px 0 4px;padding-top:16px;border-top:1px solid var(--line)}
h3{font-size:15px;margin:28px 0 8px}
p{margin:4px 0 10px;max-width:78ch}
.quiet{color:var(--quiet)}
.good{color:var(--good);font-weight:600}
.bad{color:var(--bad);font-weight:600}
a{color:inherit}
nav ul{margin:8px 0;padding-left:20px}
.figures{display:flex;flex-wrap:wrap;gap:12px}
figure{margin:0;padding:4px;border:1px solid var(--line);border-radius:6px;overflow-x:auto;
max-width:100%}
figure svg{display:block;height:auto;min-width:460px;max-width:100%}
figure.half{flex:0 1 calc(50% - 6px);min-width:min(480px,100%)}
figure.half svg{width:100%}
figure.wide svg{min-width:640px}
.table{overflow-x:auto;margin:0 0 16px}
table{border-collapse:collapse;font-variant-numeric:tabular-nums}
caption{text-align:left;font-weight:600;padding:6px 0}
th,td{padding:3px 12px 3px 0;text-align:left;vertical-align:top;border-bottom:1px solid var(--line)}
th{color:var(--quiet);font-weight:600;white-space:nowrap}
.number{text-align:right;white-space:nowrap}
details{margin:12px 0}
summary{cursor:pointer;font-weight:600}
pre{margin:8px 0;padding:12px;background:var(--box);border:1px solid var(--line);border-radius:6px;
overflow-x:auto;font:12px/1.45 ui-monospace,SFMono-Regular,Menlo,Consolas,monospace}
code{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;font-size:.92em}
@media print{body{max-width:none;padding:0}figure{break-inside:avoid}details{display:block}}
`;
