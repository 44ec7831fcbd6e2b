// The style of the report, for dark and light mode. No external fonts, scripts or files.

export const STYLE = `
:root {
  color-scheme: light dark;
  --paper: #fbfbf9; --card: #fff; --ink: #1d2328; --faint: #68727a; --line: #dfe3e6;
  --good: #1a7f4b; --bad: #c2312b; --other: #8a6d00; --data: #2563a8; --fault: #c2312b; --followed: #1a7f4b;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #14181b; --card: #1c2125; --ink: #e4e8ea; --faint: #949ea6; --line: #333b41;
    --good: #58c58b; --bad: #ff7b72; --other: #e0b84c; --data: #79b8ff; --fault: #ff7b72; --followed: #58c58b;
  }
}
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 1080px; padding: 28px 20px 60px; background: var(--paper); color: var(--ink);
  font: 15px/1.5 system-ui, sans-serif; }
h1 { font-size: 26px; margin: 0 0 4px; } h2 { font-size: 19px; margin: 34px 0 8px; } h3 { font-size: 16px; margin: 0; }
a { color: var(--data); } p { margin: 6px 0; } small, .faint { color: var(--faint); font-size: 13px; }
.card { background: var(--card); border: 1px solid var(--line); border-radius: 8px; padding: 12px 16px; margin: 12px 0; }
.head { display: flex; gap: 10px; align-items: baseline; } .head small { margin-left: auto; white-space: nowrap; }
.passed { color: var(--good); } .failed { color: var(--bad); } .skipped { color: var(--other); }
.pair { display: grid; grid-template-columns: repeat(auto-fit, minmax(420px, 1fr)); gap: 0 16px; }
table { border-collapse: collapse; width: 100%; } td, th { text-align: left; padding: 3px 12px 3px 0; vertical-align: top; }
th { font-weight: 600; white-space: nowrap; } tr + tr { border-top: 1px solid var(--line); }
pre { overflow: auto; max-height: 420px; padding: 10px; border: 1px solid var(--line); border-radius: 6px; font-size: 12px;
  line-height: 1.4; white-space: pre-wrap; margin: 8px 0; }
ol.events { list-style: none; margin: 8px 0; padding: 0; }
ol.events li { display: grid; grid-template-columns: 34px 66px 1fr; }
ol.events .fault { color: var(--fault); } ol.events .followed b { color: var(--followed); }
.pictures { display: grid; grid-template-columns: repeat(auto-fit, minmax(220px, 1fr)); gap: 10px; margin: 10px 0; }
figure { margin: 0; } figure img { width: 100%; border: 1px solid var(--line); border-radius: 4px; display: block; }
figcaption { font-size: 13px; color: var(--faint); } summary { cursor: pointer; color: var(--faint); }
svg { width: 100%; display: block; margin: 6px 0; font: 11px system-ui, sans-serif; }
svg .title { fill: var(--ink); font-size: 12px; } svg .axis { fill: var(--faint); font-size: 10px; }
svg .end { text-anchor: end; } svg .middle { text-anchor: middle; }
svg .grid { stroke: var(--line); stroke-width: 1; } svg .frame { fill: var(--data); } svg .bar { fill: var(--data); }
svg .lost { stroke: var(--bad); stroke-width: 2; } svg .wrong { fill: none; stroke: var(--bad); stroke-width: 2; }
svg .mark { stroke-dasharray: 3 3; stroke-width: 1; fill: none; } svg .mark.fault { stroke: var(--fault); }
svg .mark.followed { stroke: var(--followed); } svg .label { font-size: 10px; }
svg .line { fill: none; stroke-width: 1.3; } svg .name { font-weight: 600; }
svg path.line0 { stroke: var(--data); } svg path.line1 { stroke: var(--bad); } svg path.line2 { stroke: var(--good); }
svg path.line3 { stroke: var(--other); } svg path.line4 { stroke: var(--faint); }
svg text.line0 { fill: var(--data); } svg text.line1 { fill: var(--bad); } svg text.line2 { fill: var(--good); }
svg text.line3 { fill: var(--other); } svg text.line4 { fill: var(--faint); }
svg .label.fault { fill: var(--fault); } svg .label.followed { fill: var(--followed); }
`;
