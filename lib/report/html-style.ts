/** How the page looks: light and dark, wide, narrow and on paper. Colours have a contrast of 4.5 to 1 or more, and none says anything alone. */

const COLOURS = `
:root { --page: #f6f7f9; --card: #ffffff; --text: #1c2128; --quiet: #57606a; --line: #d5dae1; --head: #eceff3; --link: #0b57c2;
  --good: #146c2e; --good-back: #dff3e4; --bad: #a8071a; --bad-back: #fde7e9; --warn: #7a4b00; --warn-back: #fdf0d5; --cold: #1a4f9c; --cold-back: #e2ecfb; --flat: #444c56; --flat-back: #e9ecf0; }
@media screen and (prefers-color-scheme: dark) {
  :root { --page: #12161c; --card: #1a2028; --text: #e4e8ee; --quiet: #9aa5b3; --line: #303a46; --head: #222a34; --link: #7fb4ff;
    --good: #7ee2a0; --good-back: #12351f; --bad: #ffa1a8; --bad-back: #451a20; --warn: #f5c66b; --warn-back: #3d2e0e; --cold: #9cc5ff; --cold-back: #17304f; --flat: #c3ccd7; --flat-back: #2a333e; }
}`;

const PAGE = `
* { box-sizing: border-box; }
html { color-scheme: light dark; scroll-padding-top: 1rem; -webkit-text-size-adjust: 100%; text-size-adjust: 100%; }
body { margin: 0; overflow-wrap: break-word; background: var(--page); color: var(--text); font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "DejaVu Sans", sans-serif; }
header, main { max-width: 100rem; margin: 0 auto; padding: 0 1.5rem; }
header { padding-top: 1.75rem; }
main { padding-bottom: 3rem; }
h1 { margin: 0 0 1rem; font-size: 1.75rem; line-height: 1.25; letter-spacing: -0.01em; text-wrap: balance; }
h2 { margin: 2rem 0 0.75rem; font-size: 1.2rem; line-height: 1.3; overflow-wrap: anywhere; }
p { margin: 0.25rem 0; }
code, td.version, .chain { font-family: ui-monospace, "SF Mono", "Cascadia Mono", "DejaVu Sans Mono", Menlo, Consolas, monospace; font-size: 0.9em; font-variant-numeric: tabular-nums; }
code { overflow-wrap: anywhere; }
.quiet, dt, .hint, .place { color: var(--quiet); font-weight: 400; }
:focus-visible { outline: 3px solid var(--link); outline-offset: 1px; }
.facts > div { min-width: 0; }
.facts { display: flex; flex-wrap: wrap; gap: 0.75rem 2.25rem; margin: 0; padding: 0.9rem 1.1rem; background: var(--card); border: 1px solid var(--line); border-radius: 0.6rem; }
dt { font-size: 0.8rem; }
dd { margin: 0; overflow-wrap: anywhere; }
.badge, .chip { display: inline-flex; align-items: center; gap: 0.35em; padding: 0.1em 0.6em; border-radius: 1em; background: var(--flat-back); color: var(--flat); font-size: 0.8rem; line-height: 1.5; font-weight: 600; white-space: nowrap; }
.sign { font-weight: 700; }
.badge.published, .badge.new, .badge.changed, .chip.added, .chip.upgraded { background: var(--good-back); color: var(--good); }
.badge.failed, .badge.error, .chip.removed, .chip.downgraded, .chip.uninstallable { background: var(--bad-back); color: var(--bad); }
.badge.held, .badge.partial, .badge.warning, .badge.cached, .chip.banned, .chip.needs-banned, .chip.limited { background: var(--warn-back); color: var(--warn); }
.badge.would-publish, .badge.info, .chip.moved, .chip.rebuilt, .chip.edited { background: var(--cold-back); color: var(--cold); }
h2 .badge { margin-left: 0.35rem; vertical-align: 0.1em; white-space: normal; }
.problems { list-style: none; margin: 0; padding: 0; display: grid; gap: 0.6rem; }
.problems li { padding: 0.6rem 0.9rem; background: var(--card); border: 1px solid var(--line); border-left: 4px solid var(--flat); border-radius: 0.4rem; overflow-wrap: anywhere; }
.problems li.error { border-left-color: var(--bad); }
.problems li.warning { border-left-color: var(--warn); }
.problems li.info { border-left-color: var(--cold); }
.card { margin-top: 1.25rem; padding: 1rem 1.1rem; background: var(--card); border: 1px solid var(--line); border-radius: 0.6rem; }
.card h2 { margin-top: 0; }
.sums { list-style: none; display: flex; flex-wrap: wrap; gap: 0.25rem 1.25rem; margin: 0 0 0.75rem; padding: 0; }
.sums .alarming { color: var(--bad); font-weight: 600; }
.list { width: 100%; border-collapse: collapse; margin: 0.25rem 0; font-size: 0.92rem; }
.list thead th { overflow-wrap: normal; }
.list th, .list td { padding: 0.3rem 1rem 0.3rem 0; text-align: left; vertical-align: top; border-bottom: 1px solid var(--line); font-variant-numeric: tabular-nums; overflow-wrap: anywhere; }
.list thead th { color: var(--quiet); font-size: 0.8rem; font-weight: 600; }
.list tbody th { font-weight: 500; }
.list code { font-size: 0.82em; }
.list tbody tr:last-child > * { border-bottom: 0; }
.list .number { text-align: right; }
.list .number { white-space: nowrap; }
nav ul { list-style: none; display: flex; flex-wrap: wrap; gap: 0.25rem 1.5rem; margin: 0.9rem 0 0; padding: 0; }
a { color: var(--link); text-underline-offset: 0.15em; }
summary { cursor: pointer; }
details > summary { color: var(--link); }`;

const EXPLORER = `
#explorer { margin-top: 0.5rem; }
.chips { display: flex; flex-wrap: wrap; gap: 0.45rem; }
button, select, input { font: inherit; color: inherit; }
button.chip { border: 1.5px solid transparent; padding: 0.25em 0.8em; font-size: 0.87rem; cursor: pointer; }
button.chip[aria-pressed="true"] { border-color: currentColor; box-shadow: inset 0 0 0 1px currentColor; }
button.chip .count { font-variant-numeric: tabular-nums; font-weight: 400; }
button.chip.none { background: transparent; border-color: var(--line); color: var(--quiet); }
#filters { display: flex; align-items: center; gap: 0.75rem 1rem; padding: 0.6rem 0; background: var(--page); }
#filters label { display: flex; align-items: center; gap: 0.45rem; font-size: 0.87rem; color: var(--quiet); }
#filters label[hidden] { display: none; }
#filters .wide { flex: 1 1 16rem; max-width: 34rem; }
#filters input { width: 100%; min-width: 0; }
#filters select { max-width: 14rem; }
#filters input, #filters select, #filters button, #more { height: 2.1rem; padding: 0 0.6rem; background: var(--card); color: var(--text); border: 1px solid var(--quiet); border-radius: 0.4rem; }
#filters button, #more { cursor: pointer; }
#filters output { margin-left: auto; color: var(--quiet); font-size: 0.87rem; font-variant-numeric: tabular-nums; white-space: nowrap; }
::placeholder { color: var(--quiet); opacity: 1; }
#explorer details { margin: 0.5rem 0 0; font-size: 0.87rem; }
#explorer details dl { display: grid; grid-template-columns: max-content 1fr; gap: 0.1rem 1rem; margin: 0.4rem 0; }
#more { margin: 1rem auto; display: block; }
#more[hidden] { display: none; }
#rows { display: block; width: 100%; font-size: 0.9rem; }
#rows thead, #rows tbody { display: block; }
#rows tbody { background: var(--card); border-inline: 1px solid var(--line); }
#rows .whole { content-visibility: auto; contain-intrinsic-size: auto 4000px; }
#rows tr { display: grid; grid-template-columns: 8.2rem 5.4rem minmax(9rem, 1.5fr) minmax(19.5rem, 1.6fr) minmax(5.5rem, 0.8fr) minmax(6.5rem, 0.9fr) minmax(9.5rem, 1.9fr); column-gap: 1rem; padding: 0 0.9rem; border-bottom: 1px solid var(--line); }
#rows.one-suite tr { grid-template-columns: 8.2rem minmax(10rem, 1.5fr) minmax(19.5rem, 1.6fr) minmax(5.5rem, 0.8fr) minmax(6.5rem, 0.9fr) minmax(11rem, 1.9fr); }
#rows.one-suite .suite { display: none; }
#rows th, #rows td { display: block; min-width: 0; padding: 0.35rem 0; text-align: left; overflow-wrap: anywhere; }
#rows thead tr { background: var(--head); border: 1px solid var(--line); }
#rows th button { width: 100%; padding: 0.1rem 0; border: 0; background: none; font-weight: 600; font-size: 0.85rem; text-align: left; cursor: pointer; white-space: nowrap; }
#rows th[aria-sort="ascending"] button::after { content: " ▲"; content: " ▲" / ""; }
#rows th[aria-sort="descending"] button::after { content: " ▼"; content: " ▼" / ""; }
#rows b { font-weight: 600; }
#rows details { margin: 0; }
#rows .packages { display: block; color: var(--quiet); font-size: 0.93em; }
#rows td.version { display: grid; grid-template-columns: minmax(0, 1fr) 1.2em minmax(0, 1fr); column-gap: 0.3em; align-items: start; }
#rows .old { grid-column: 1; color: var(--quiet); }
#rows .arrow { grid-column: 2; text-align: center; color: var(--quiet); font-family: inherit; }
#rows .new { grid-column: 3; }
#rows .only { grid-column: 1 / -1; }
#rows .component { font-weight: 500; }
#rows .chain { display: block; }
#rows td.why { color: var(--quiet); }
#rows td.why .chain { color: var(--text); }
#rows tr.alarming { box-shadow: inset 3px 0 0 var(--bad); }
#rows summary { scroll-margin-top: 7rem; }
#rows tbody tr:hover { background: var(--head); }
#nothing { padding: 1.5rem; text-align: center; color: var(--quiet); background: var(--card); border: 1px solid var(--line); border-top: 0; }
noscript table { width: 100%; margin: 1.5rem 0; border-collapse: collapse; background: var(--card); font-size: 0.88rem; }
noscript caption { padding: 0.4rem 0; text-align: left; font-weight: 600; }
noscript th, noscript td { padding: 0.25rem 0.6rem; text-align: left; vertical-align: top; border: 1px solid var(--line); overflow-wrap: anywhere; }
noscript th { white-space: nowrap; }`;

const WIDE = `
@media screen and (min-width: 60.01rem) {
  .list tbody th { min-width: 9rem; }
  .list td:has(> time) { min-width: 13rem; }
  #filters { position: sticky; top: 0; z-index: 2; height: 3.3rem; }
  #rows thead { position: sticky; top: 3.3rem; z-index: 1; }
}`;

/** Where two versions side by side would leave too little for the rest. */
const MIDDLE = `
@media screen and (min-width: 60.01rem) and (max-width: 78rem) {
  #rows tr { grid-template-columns: 8.2rem 5rem minmax(8rem, 1.5fr) minmax(9.5rem, 1.4fr) minmax(5rem, 0.8fr) minmax(6rem, 0.9fr) minmax(8rem, 1.6fr); column-gap: 0.75rem; }
  #rows.one-suite tr { grid-template-columns: 8.2rem minmax(8rem, 1.5fr) minmax(9.5rem, 1.4fr) minmax(5rem, 0.8fr) minmax(6rem, 0.9fr) minmax(8rem, 1.6fr); }
  #rows td.version { display: flex; flex-wrap: wrap; align-content: start; column-gap: 0.5em; }
}`;

const NARROW = `
@media screen and (max-width: 60rem) {
  header, main { padding-inline: 0.9rem; }
  h1 { font-size: 1.4rem; }
  .facts { gap: 0.6rem 1.5rem; }
  #filters { flex-wrap: wrap; }
  #filters .wide { flex-basis: 100%; max-width: none; }
  #filters output { margin-left: 0; flex-basis: 100%; }
  #rows thead tr { display: flex; flex-wrap: wrap; gap: 0 1rem; padding: 0.3rem 0.9rem; }
  #rows thead tr::before { content: "Order by"; align-self: center; color: var(--quiet); font-size: 0.85rem; }
  #rows tbody tr, #rows.one-suite tbody tr { display: grid; grid-template-columns: auto minmax(0, 1fr); gap: 0.15rem 0.75rem; padding: 0.6rem 0.9rem; }
  #rows td { padding: 0; }
  #rows .whole { contain-intrinsic-size: auto 10000px; }
  #rows td:empty { display: none; }
  #rows .name, #rows .version, #rows .why { grid-column: 1 / -1; }
  #rows td.suite { text-align: right; color: var(--quiet); }
  #rows td.version { display: flex; flex-wrap: wrap; column-gap: 0.5em; }
  #rows td.mirror::before { content: "from "; color: var(--quiet); }
  #rows td.where { text-align: right; }
  .list, .list tbody, .list th, .list td { display: block; }
  .list thead { display: none; }
  .list tr { padding: 0.4rem 0; border-bottom: 1px solid var(--line); }
  .list tr:last-child { border-bottom: 0; }
  .list th, .list td { padding: 0.05rem 0; border: 0; overflow-wrap: anywhere; }
  .list tr { display: flex; flex-wrap: wrap; gap: 0.1rem 1.1rem; }
  .list tbody th { flex-basis: 100%; }
  .list td::before { content: attr(data-label) " "; color: var(--quiet); white-space: nowrap; }
  .list td:empty, .list td:has(> code:empty) { display: none; }
  noscript table { display: block; overflow-x: auto; }
}`;

const PAPER = `
@media print {
  :root { --page: #fff; --card: #fff; --text: #000; --quiet: #333; --line: #999; --head: #eee; }
  body { font-size: 9pt; }
  header, main { max-width: none; padding: 0; }
  nav, .chips, #filters, #more, #explorer > details { display: none; }
  #rows, .list, .list thead th { font-size: 8pt; }
  .badge, .chip { font-size: 7pt; }
  .list th, .list td { padding-right: 0.5rem; }
  #rows tr { grid-template-columns: 7rem 4rem 1.4fr 1.5fr 0.8fr 0.9fr 1.5fr; column-gap: 0.5rem; padding-inline: 0.4rem; }
  #rows.one-suite tr { grid-template-columns: 7rem 1.4fr 1.5fr 0.8fr 0.9fr 1.5fr; }
  #rows td.version { display: flex; flex-wrap: wrap; align-content: start; column-gap: 0.4em; }
  #rows .whole { content-visibility: visible; }
  #rows tr, .problems li, .list tr { break-inside: avoid; }
}`;

export const STYLE = [COLOURS, PAGE, EXPLORER, WIDE, MIDDLE, NARROW, PAPER].join("\n");
