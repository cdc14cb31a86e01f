(() => {
"use strict";
const t0 = performance.now(), root = document.documentElement, $ = id => document.getElementById(id);
root.classList.add("js");
const D = JSON.parse($("data").textContent), M = D.m;
$("data").remove();
const label = k => M["page-" + k], fmt = (k, ...a) => label(k).replace(/%(\d)/g, (_, n) => a[n - 1]);
const grouped = s => s.replace(/\B(?=(\d{3})+$)/g, D.money.thousands), num = n => grouped(String(n));
// money lays an amount out as the summary does; what is no number stands as it is.
const money = (s, cur) => {
  if (s === "" || s == null) return "";
  const m = /^(-?)(\d+)(?:\.(\d+))?$/.exec(s);
  if (!m) return s;
  const n = grouped(m[2]) + D.money.point + (m[3] || "").padEnd(2, "0"), sign = m[1] ? "−" : "", sym = D.money.symbols[cur];
  return !sym ? sign + n + (cur ? " " + cur : "") : D.money.behind ? sign + n + " " + sym : sign + sym + n;
};
// el builds elements from text only: nothing here ever parses markup.
const el = (tag, cls, ...kids) => { const e = document.createElement(tag); if (cls) e.className = cls; for (const k of kids) if (k != null && k !== "" && k !== false) e.append(k); return e; };
const attr = (e, o) => { for (const k in o) e.setAttribute(k, o[k]); return e; };
const CTL = /⟦(U\+[0-9A-F]{4,6})⟧/g; // made in Go, once, for everything that comes in
const show = (s, max = 400) => {
  if (s.length > max) s = s.slice(0, max) + "…";
  s = s.replaceAll("\x1d", "⏎");
  const b = el("bdi"); let at = 0;
  for (const m of s.matchAll(CTL)) { b.append(s.slice(at, m.index), attr(el("span", "ctl", m[1]), {title: label("control")})); at = m.index + m[0].length; }
  b.append(s.slice(at)); return b;
};
const sr = s => el("span", "sr", s);
const side = (f, s) => s === "" ? el("span", "dim", label("empty")) : show(f.S === "money" ? money(s, f.U) : s);

// ---- reviewed marks ----
const key = "b24apply:reviewed:" + D.plan; let marks = {};
try { marks = JSON.parse(localStorage.getItem(key)) || {}; } catch {}
const boxes = [...document.querySelectorAll("input[data-rev]")];
const paint = () => { let n = 0; for (const b of boxes) { b.checked = !!marks[b.dataset.rev]; b.closest(".cause").classList.toggle("done", b.checked); n += b.checked; } $("revp").value = n; $("revn").textContent = fmt("reviewed-of", num(n), num(boxes.length)); };
for (const b of boxes) b.addEventListener("change", () => { if (b.checked) marks[b.dataset.rev] = new Date().toISOString(); else delete marks[b.dataset.rev]; try { localStorage.setItem(key, JSON.stringify(marks)); } catch {} paint(); });
if (boxes.length) paint();
$("exp")?.addEventListener("submit", e => {
  e.preventDefault();
  const doc = {format: "b24apply/reviewed/v1", plan: "sha256:" + D.plan, reviewer: $("who").value.trim(), exportedAt: new Date().toISOString(), complete: D.causes.every(c => marks[c.D]),
    causes: D.causes.map(c => ({digest: c.D, kind: c.K, action: c.A, count: c.All, reviewedAt: marks[c.D] || null}))};
  const name = "reviewed-" + D.plan.slice(0, 12) + ".json", a = el("a"), u = URL.createObjectURL(new Blob([JSON.stringify(doc, null, 1)], {type: "application/json"}));
  a.href = u; a.download = name; document.body.append(a); a.click(); a.remove(); setTimeout(() => URL.revokeObjectURL(u), 1e4);
  $("cmd").textContent = ($("plancmd")?.textContent || "b24apply apply") + " --reviewed " + name; $("expout").hidden = false; window.__review = doc;
});
addEventListener("beforeprint", () => { for (const d of document.querySelectorAll(".cause details:not([open])")) { d.open = true; d.dataset.p = 1; } });
addEventListener("afterprint", () => { for (const d of document.querySelectorAll("details[data-p]")) { d.open = false; delete d.dataset.p; } });

// ---- the changes: unpacked after the first paint ----
const unpack = async () => {
  const s = D.rows; D.rows = "";
  const bin = Uint8Array.fromBase64 ? Uint8Array.fromBase64(s) : Uint8Array.from(atob(s), c => c.charCodeAt(0));
  return new Response(new Blob([bin]).stream().pipeThrough(new DecompressionStream("gzip"))).text();
};
const N = D.total, C = D.causes;
const id = new Int32Array(N), ln = new Int32Array(N), fl = new Uint8Array(N), fi = new Uint16Array(N), ca = new Uint16Array(N), off = new Uint32Array(N + 1), hoff = new Uint32Array(N + 1), first = [];
let text = "", hay = "", chay = [], res = new Uint32Array(0), shown = 0;
const fold = s => s.toLowerCase().replaceAll("ё", "е");
const load = (all) => {
  const nl = all.indexOf("\n"), cols = JSON.parse(all.slice(0, nl));
  text = all.slice(nl + 1);
  let r = 0;
  cols.forEach((c, k) => {
    first.push(r); let a = 0, b = 0;
    for (let i = 0; i < c.N; i++, r++) { id[r] = a += c.ID[i]; ln[r] = b += c.Ln[i]; fl[r] = typeof c.Fl === "number" ? c.Fl : c.Fl[i]; fi[r] = typeof c.Fi === "number" ? c.Fi : c.Fi[i]; ca[r] = k; }
  });
  first.push(r);
  let p = 0; for (let i = 0; i < N; i++) { off[i] = p; p = text.indexOf("\n", p) + 1; } off[N] = p;
  if (p !== text.length) throw new Error("lines and changes disagree");
};
const index = () => { if (hay) return; hay = fold(text); let p = 0; for (let i = 0; i < N; i++) { hoff[i] = p; p = hay.indexOf("\n", p) + 1; } hoff[N] = p;
  chay = C.map(c => fold([D.kinds[c.K] || c.K, c.T, label(c.A), c.S && M["status-" + c.S], c.C, c.X, ...c.F.flatMap(f => [f.L, f.C, f.B])].join("\n"))); };
const row = i => { const p = text.slice(off[i], off[i + 1] - 1).split("\x1f"), c = C[ca[i]]; return {i, c, title: p[0], name: p[1], who: p[2], when: p[3], odd: p[4], why: p[5] || c.R, points: p[6], id: p[7] || (id[i] ? String(id[i]) : ""), cell: k => (c.F[k].Const ? c.F[k].B : p[8 + k] || "").split("\x1e")}; };

// ---- filters and search ----
const FLAGS = {unusual: 1, lasting: 2, anew: 4, may: 8, held: 16, alike: 32};
const S = {q: "", kind: "", action: "", cause: "", status: "", file: "", flag: ""};
const run = () => {
  const t = performance.now();
  index();
  const out = new Uint32Array(N); let n = 0;
  // a number may be typed as it is shown: 12 000,00 or 12,000.00
  let q = fold(S.q.trim()); const asnum = q.replace(/[\s\u00a0€$£₽]/g, ""); let alt = "";
  if (/^[\d.,]+$/.test(asnum) && /[\s\u00a0,.€$£₽]/.test(q)) alt = asnum.replaceAll(D.money.thousands, "").replace(D.money.point, ".").replace(/\.0+$/, "");
  const toks = alt ? [alt] : q.split(/\s+/).filter(Boolean);
  const byId = toks.length === 1 && /^#?\d+$/.test(toks[0]) ? +toks[0].replace("#", "") : 0;
  const flag = FLAGS[S.flag] || 0, file = S.file === "" ? -1 : +S.file;
  for (let k = 0; k < C.length; k++) {
    const c = C[k];
    if (S.kind && c.K !== S.kind || S.action && c.A !== S.action || S.status && c.S !== S.status || S.cause !== "" && +S.cause !== k) continue;
    const left = toks.filter(x => !chay[k].includes(x)), a = first[k], b = first[k + 1];
    const ok = i => (!flag || fl[i] & flag) && (file < 0 || fi[i] === file);
    if (!left.length) { for (let i = a; i < b; i++) if (ok(i)) out[n++] = i; continue; }
    const x = left[0]; let i = a, p = hay.indexOf(x, hoff[a]), end = hoff[b];
    if (byId) { // ids are not in the text
      for (; i < b; i++) { if (p >= 0 && p < hoff[i]) p = hay.indexOf(x, hoff[i]); if ((id[i] === byId || p >= 0 && p < hoff[i + 1]) && ok(i)) out[n++] = i; }
      continue;
    }
    while (p >= 0 && p < end) {
      let lo = i, hi = b; while (hi - lo > 1) { const m = lo + hi >> 1; hoff[m] <= p ? lo = m : hi = m; }
      i = lo;
      let all = true; if (left.length > 1) { const l = hay.slice(hoff[i], hoff[i + 1]); for (let j = 1; all && j < left.length; j++) all = l.includes(left[j]); }
      if (all && ok(i)) out[n++] = i;
      if (++i >= b) break;
      p = hay.indexOf(x, hoff[i]);
    }
  }
  res = out.slice(0, n);
  return performance.now() - t;
};

// ---- how a change looks ----
const none1 = (f, v) => f.K === "filled" && !v.some(x => x && x !== "0"); // not set in this create
const pair = (f, v) => { const b = v[0] || "", a = v[1] || ""; const w = el("span"); if (f.K !== "filled") w.append(el("del", "", side(f, b))); if (f.K !== "filled" && f.K !== "emptied") w.append(" → "); if (f.K !== "emptied") w.append(el("ins", "", side(f, a))); return w; };
const diff = (b, a, cur) => { if (!Number.isFinite(a - b)) return ""; const d = a - b, p = +b && Math.round(d / b * 100) ? " (" + (d >= 0 ? "+" : "−") + num(Math.abs(Math.round(d / b * 100))) + "%" + ")" : ""; return el("span", "diff", (d >= 0 ? "+" : "−") + money(Math.abs(d).toFixed(2), cur) + p); };
const marked = (s, brief) => { const p = el("span"), re = /([\x11\x12])([^\x13]*)\x13|[^\x11\x12]+/g; s = s.replaceAll("\x1d", "\n"); for (const m of s.matchAll(re)) { let x = m[1] ? m[2] : m[0]; if (!m[1] && brief && x.length > 30) x = "…" + x.slice(-26); if (brief && x.length > 80) x = x.slice(0, 80) + "…"; const b = show(x, 30000); p.append(m[1] === "\x11" ? el("del", "", b) : m[1] ? el("ins", "", b) : b); } return p; };
const brief = (f, v) => {
  if (f.S === "text") return marked(v[0] || "", true);
  if (f.S === "list") { const w = el("span"); (v[0] || "").split("\x1c").filter(Boolean).forEach(s => w.append(el("del", "", "− ", show(s)), " ")); (v[1] || "").split("\x1c").filter(Boolean).forEach(s => w.append(el("ins", "", "+ ", show(s)), " ")); return w; }
  if (f.S === "rows") return pair({S: "money", U: v[3], K: v[1] ? v[2] ? "changed" : "emptied" : "filled"}, [v[1] || "", v[2] || ""]);
  const w = pair(f, v); if (f.S === "money" && v[0] && v[1]) w.append(diff(v[0], v[1], f.U)); return w;
};
const lineOf = (c, v) => (D.pipelines[c.Et] || []).find(p => p.some(s => s[0] === v[0]) && p.some(s => s[0] === v[1]));
const strip = (f, v, line) => { const o = attr(el("ol", "strip"), {"aria-label": `${f.L}: ${v[0]} → ${v[1]}`}); for (const [t, sem] of line) { const is = t === v[0] ? "from" : t === v[1] ? "to" : ""; const li = el("li", is + (sem === "F" ? " lost" : ""), show(t), is && sr(" (" + label(is === "from" ? "was" : "becomes") + ")")); if (is) li.setAttribute("aria-current", "step"); o.append(li); } return o; };
const full = (f, v, c) => {
  const w = el("div", "f", el("p", "lab", f.L, f.L !== f.C && el("code", "", f.C)));
  if (f.S === "text") { w.append(el("p", "long", marked(v[0] || ""))); if (+v[1]) w.append(el("p", "cap", fmt("cut", num(+v[1])))); }
  else if (f.S === "list") { const u = el("ul", "chips"); [["del", "gone", "−"], ["ins", "come", "+"], ["", "stays", ""]].forEach(([c, m, g], i) => (v[i] || "").split("\x1c").filter(Boolean).forEach(s => u.append(el("li", c, sr(label(m) + ": "), g && attr(el("span", "", g + " "), {"aria-hidden": "true"}), c ? el(c, "", show(s)) : show(s))))); w.append(u); }
  else if (f.S === "rows") {
    const th = (s, c) => attr(el("th", c, s), {scope: "col"}), tb = el("tbody"), ba = (b, a, m) => { const g = x => show(m ? money(x, v[3]) : x || ""); const d = el("td", "r"); if (b === a) d.append(g(a)); else { if (b) d.append(el("del", "", g(b))); if (b && a) d.append(" → "); if (a) d.append(el("ins", "", g(a))); } return d; };
    for (const l of (v[0] || "").split("\x1b")) { const r = l.split("\x1c"); if (r.length < 10) continue; tb.append(el("tr", {"+": "ins", "-": "del", "~": "chg"}[r[0]] || "", el("td", "", attr(el("span", "", {"+": "+", "-": "−", "~": "~"}[r[0]] || ""), {"aria-hidden": "true"}), sr(label({"+": "come", "-": "gone", "~": "changed"}[r[0]] || "stays"))), attr(el("th", "", show(r[1])), {scope: "row"}), ba(r[2], r[3]), ba(r[4], r[5], 1), ba(r[6], r[7]), ba(r[8], r[9], 1))); }
    const tot = ba(v[1], v[2], 1); if (v[1] && v[2] && v[1] !== v[2]) tot.append(diff(v[1], v[2], v[3]));
    w.append(attr(el("div", "scroll", el("table", "rows", el("thead", "", el("tr", "", attr(el("th", "", sr(label("row-change"))), {scope: "col"}), th(label("product")), th(label("product-quantity"), "r"), th(label("product-price"), "r"), th(label("product-discount"), "r"), th(label("product-sum"), "r"))), tb, el("tfoot", "", el("tr", "", el("td"), attr(el("th", "", label("product-total")), {scope: "row", colspan: 4}), tot)))), {tabindex: 0, role: "group", "aria-label": f.L}));
  }
  else if (f.S === "stage" && v[0] && v[1] && lineOf(c, v)) w.append(strip(f, v, lineOf(c, v)));
  else w.append(el("p", "", brief(f, v)));
  return w;
};
const badges = i => { const b = el("span", "badges"), f = fl[i], c = C[ca[i]]; const add = (n, cls, k) => { if (f & n) b.append(el("span", "bdg " + cls, label("flag-" + k))); }; if (c.C) b.append(el("span", "bdg held", show(c.C, 60))); add(16, "held", "held"); add(1, "unusual", "unusual"); add(2, "delete", "lasting"); add(4, "delete", "anew"); add(8, "auto o", "may"); add(32, "held", "alike"); return b; };
const isWrong = c => c.S && c.S !== "succeeded";
const tag = c => isWrong(c) ? el("span", "tag s-" + c.S, M["status-" + c.S]) : el("span", "tag " + c.A, label(c.A));
const ident = r => r.c.K + (r.id ? " #" + r.id : "");
const changeLine = r => { const w = el("span", "c"); let n = 0; r.c.F.forEach((f, k) => { if (f.C === "title" && r.c.A !== "update" && r.c.A !== "adopt" || n >= 3 || none1(f, r.cell(k))) return; if (n++) w.append(" · "); w.append(el("span", "lab", f.L + " "), brief(f, r.cell(k))); }); return w; };

// ---- the list ----
let app, vp, sp, cnt, live, act = 0, rowh = 58, nodes = new Map(), table = null, tabBtn, none;
const src = r => D.files[fi[r.i]] ? D.files[fi[r.i]] + ":" + ln[r.i] : "", whereabouts = r => [ident(r), src(r)].filter(Boolean).join(" · ");
const makeRow = k => {
  const r = row(res[k]);
  const e = attr(el("div", "row",
    attr(el("div", "", el("span", "t", tag(r.c), show(r.title || r.name, 120)), el("span", "u", whereabouts(r))), {role: "gridcell"}),
    attr(el("div", "", changeLine(r), el("span", "u", r.why && (r.c.A === "refuse" || isWrong(r.c)) ? show(r.why, 160) : r.odd ? show(r.odd, 160) : r.who ? fmt("saved", r.who, r.when) : "")), {role: "gridcell"}),
    attr(el("div", "", badges(r.i)), {role: "gridcell"})), {role: "row", "aria-rowindex": k + 2, tabindex: k === act ? 0 : -1});
  e.style.transform = `translateY(${k * rowh}px)`; e.dataset.k = k;
  return e;
};
const draw = () => {
  const n = res.length, a = Math.max(0, Math.floor(vp.scrollTop / rowh) - 8), b = Math.min(n, Math.ceil((vp.scrollTop + vp.clientHeight) / rowh) + 8), want = [];
  if (act < a && act < n) want.push(act); for (let k = a; k < b; k++) want.push(k); if (act >= b && act < n) want.push(act);
  const keep = new Set(want);
  for (const [k, e] of nodes) if (!keep.has(k)) { e.remove(); nodes.delete(k); }
  let prev = null;
  for (const k of want) { let e = nodes.get(k); if (!e) { e = makeRow(k); nodes.set(k, e); prev ? prev.after(e) : sp.prepend(e); } prev = e; }
};
const go = (k, focus = true) => {
  k = Math.max(0, Math.min(res.length - 1, k)); nodes.get(act)?.setAttribute("tabindex", -1); act = k;
  const y = k * rowh; if (y < vp.scrollTop) vp.scrollTop = y; else if (y + rowh > vp.scrollTop + vp.clientHeight) vp.scrollTop = y + rowh - vp.clientHeight;
  draw(); const e = nodes.get(k); if (e) { e.setAttribute("tabindex", 0); if (focus) e.focus({preventScroll: true}); }
};
let liveT;
const refresh = () => {
  const ms = run(); nodes.forEach(e => e.remove()); nodes.clear(); act = 0; vp.scrollTop = 0;
  sp.style.height = res.length * rowh + "px"; vp.parentNode.setAttribute("aria-rowcount", res.length + 1);
  const s = fmt("of-all", num(res.length), num(D.all)); cnt.textContent = s; clearTimeout(liveT); liveT = setTimeout(() => live.textContent = s, 400);
  none.hidden = res.length > 0; tabBtn.setAttribute("aria-disabled", String(res.length > 2000)); if (table) plain(res.length <= 2000);
  draw(); window.__search = performance.now() - (refresh.t || performance.now()) || ms; return ms;
};
const plain = on => {
  table?.remove(); table = null; root.classList.toggle("tabon", on); vp.parentNode.hidden = on; tabBtn.textContent = on ? label("plain-off") : label("plain");
  if (!on) return;
  const tb = el("tbody"); for (const i of res) { const r = row(i); tb.append(el("tr", "", attr(el("th", "", show(r.title || r.name), el("span", "dim", whereabouts(r))), {scope: "row"}), el("td", "", tag(r.c)), el("td", "", ...r.c.F.flatMap((f, k) => [el("div", "", el("span", "lab", f.L + ": "), brief(f, r.cell(k)))])), el("td", "", badges(i), r.odd ? show(r.odd) : "", isWrong(r.c) || r.c.A === "refuse" ? show(r.why) : ""))); }
  const h = s => attr(el("th", "", s), {scope: "col"});
  table = attr(el("div", "scroll", el("table", "", el("caption", "sr", label("all")), el("thead", "", el("tr", "", h(label("record")), h(label("action")), h(label("change")), h(label("attention")))), tb)), {id: "tab", tabindex: 0, role: "group", "aria-label": label("all")});
  app.append(table);
};
const dlg = $("dlg"); let at = 0;
const open = k => {
  at = k; const r = row(res[k]), c = r.c, i = r.i; dlg.textContent = "";
  const btn = (m, f, dis) => { const b = attr(el("button", "btn", label(m)), {type: "button"}); if (dis) b.setAttribute("aria-disabled", "true"); else b.addEventListener("click", f); b.dataset.b = m; return b; };
  const h = attr(el("h2", "", show(r.title || r.name, 300)), {id: "dlgh", tabindex: -1, autofocus: ""}), bd = el("div", "db"), dl = el("dl");
  const head = el("div", "", h, el("p", "dim", tag(c), " ", show(whereabouts(r))));
  if (r.id && D.host && c.P) { const a = attr(el("a", "", label("open")), {target: "_blank", rel: "noopener noreferrer"}); a.href = D.host.replace("{path}", c.P.replace("{id}", encodeURIComponent(r.id))); head.append(a); }
  const dd = (k, ...v) => dl.append(el("dt", "", label(k)), el("dd", "", ...v));
  if (isWrong(c) && r.why) dd("error", show(r.why, 4000), c.C ? show(" [" + c.C + "]") : ""); if (r.odd) dd("odd", show(r.odd)); if (c.A === "refuse" && !isWrong(c)) dd("why-held", show(r.why), c.C ? show(" [" + c.C + "]") : "");
  if (c.H) dd("hint", show(c.H, 4000));
  c.F.forEach((f, k) => none1(f, r.cell(k)) || bd.append(full(f, r.cell(k), c)));
  if (r.points) dd("pointers", show(r.points));
  if (c.A !== "refuse" && !D.run) dd("undo", label(fl[i] & 2 ? "undo-lasting" : fl[i] & 4 ? "undo-anew" : "undo-whole"));
  if (r.who) dd("writers", show(r.who), ", " + r.when);
  bd.append(dl);
  dlg.append(el("div", "dh", head, el("nav", "", btn("previous", () => { open(at - 1); dlg.querySelector("[data-b=previous]").focus(); }, !k), btn("next", () => { open(at + 1); dlg.querySelector("[data-b=next]").focus(); }, k >= res.length - 1), btn("close", () => dlg.close()))), bd);
  dlg.scrollTop = 0; if (!dlg.open) dlg.showModal();
};
dlg.addEventListener("close", () => go(at));
dlg.addEventListener("click", e => { if (e.target === dlg) dlg.close(); });

const start = () => {
  app = $("app"); app.textContent = "";
  const f = el("form", "filters"); f.addEventListener("submit", e => e.preventDefault());
  const ctl = {}; let pend = 0;
  const soon = () => { refresh.t = performance.now(); if (!pend) pend = requestAnimationFrame(() => { pend = 0; refresh(); }); };
  const q = ctl.q = attr(el("input"), {type: "search", autocomplete: "off", spellcheck: "false"}); q.addEventListener("input", () => { S.q = q.value; soon(); });
  q.addEventListener("keydown", e => { if (e.key === "ArrowDown" && res.length) { e.preventDefault(); go(0); } });
  f.append(el("label", "q", label("search"), q));
  const sel = (name, opts, cls) => { const s = ctl[name] = el("select"); s.append(attr(el("option", "", label("any")), {value: ""})); for (const [v, l] of opts) s.append(attr(el("option", "", l), {value: v})); s.addEventListener("change", () => { S[name] = s.value; soon(); }); f.append(el("label", cls, label(name === "flag" ? "filter" : name), s)); };
  const uniq = g => [...new Set(C.map(g))];
  sel("kind", uniq(c => c.K).map(k => [k, D.kinds[k] || k])); sel("action", uniq(c => c.A).map(a => [a, label(a)])); sel("flag", Object.keys(FLAGS).map(k => [k, label("flag-" + k)]));
  sel("cause", C.map((c, k) => [k, num(c.All) + " · " + (D.kinds[c.K] || c.K) + " · " + (c.T.length > 70 ? c.T.slice(0, 70) + "…" : c.T)])); sel("status", D.run ? uniq(c => c.S).map(s => [s, M["status-" + s] || s]) : [["", label("status-planned")]]); sel("file", D.files.map((x, k) => [k, x]), "w2");
  cnt = el("strong"); live = attr(el("p", "sr"), {role: "status"}); tabBtn = attr(el("button", "btn", label("plain")), {type: "button"});
  const hint = el("span", "hint", label("help"));
  tabBtn.addEventListener("click", () => { if (tabBtn.getAttribute("aria-disabled") === "true") { live.textContent = hint.textContent = label("plain-too-many"); return; } plain(!table); });
  const clr = attr(el("button", "btn", label("clear")), {type: "button"}); const set = o => { for (const k in S) S[k] = ""; Object.assign(S, o); for (const k in ctl) ctl[k].value = S[k]; soon(); }; clr.addEventListener("click", () => { set({}); q.focus(); });
  const colh = s => attr(el("div", "", s), {role: "columnheader"});
  sp = attr(el("div", "sp0"), {role: "presentation"}); vp = attr(el("div", "vp", sp), {role: "rowgroup"}); none = el("p", "none", label("none")); none.hidden = true;
  const grid = attr(el("div", "grid", attr(el("div", "", attr(el("div", "row hd", colh(label("record")), colh(label("change")), colh(label("attention"))), {role: "row", "aria-rowindex": 1})), {role: "rowgroup"}), vp), {role: "grid", "aria-label": label("all"), "aria-rowcount": N + 1, "aria-colcount": 3, "aria-readonly": "true"});
  app.append(f, el("div", "count", cnt, el("span", "sp"), hint, clr, tabBtn), live, none, grid);
  const size = () => { const h = parseFloat(getComputedStyle(root).getPropertyValue("--rowh")) || 56; if (h !== rowh) { rowh = h; nodes.forEach(e => e.remove()); nodes.clear(); sp.style.height = res.length * rowh + "px"; } draw(); };
  rowh = parseFloat(getComputedStyle(root).getPropertyValue("--rowh")) || 56; addEventListener("resize", size);
  let raf = 0; vp.addEventListener("scroll", () => { if (!raf) raf = requestAnimationFrame(() => { raf = 0; draw(); }); }, {passive: true});
  vp.addEventListener("click", e => { const r = e.target.closest(".row"); if (r) { act = +r.dataset.k; open(act); } });
  vp.addEventListener("focusin", e => { const r = e.target.closest(".row"); if (r && +r.dataset.k !== act) { nodes.get(act)?.setAttribute("tabindex", -1); act = +r.dataset.k; r.setAttribute("tabindex", 0); } });
  vp.addEventListener("keydown", e => { const pg = Math.max(1, Math.floor(vp.clientHeight / rowh) - 1), m = {ArrowDown: act + 1, ArrowUp: act - 1, PageDown: act + pg, PageUp: act - pg, Home: 0, End: res.length - 1}[e.key]; if (e.ctrlKey || e.metaKey || e.altKey) return; if (m != null) { e.preventDefault(); go(m); } else if (e.key === "Enter" || e.key === " ") { e.preventDefault(); open(act); } else if (e.key === "/") { e.preventDefault(); q.focus(); q.select(); } });
  document.addEventListener("click", e => { const a = e.target.closest("a[data-f]"); if (!a) return; const [k, v] = a.dataset.f.split("="); set({[k]: v}); e.preventDefault(); $("all").scrollIntoView(); $("all").focus({preventScroll: true}); });
  window.__set = set;
  res = new Uint32Array(N); for (let i = 0; i < N; i++) res[i] = i;
  sp.style.height = N * rowh + "px"; cnt.textContent = fmt("of-all", num(N), num(D.all)); draw(); window.__ready = performance.now();
  (window.requestIdleCallback || setTimeout)(() => { index(); window.__indexed = performance.now(); });
};
requestAnimationFrame(() => setTimeout(() => unpack().then(a => { load(a); start(); }).catch(e => { ($("state") || $("app")).textContent = label("broken"); console.error(e.stack); })));
})();
