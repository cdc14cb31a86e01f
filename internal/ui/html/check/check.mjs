// Looks at pages in headless Chromium: node check.mjs FOLDER, with plan.html, hostile.html, large.html and
// report.html in it. Every line that begins with FAIL makes the exit code 1. Screenshots go to FOLDER/shots.
import fs from "node:fs";
import path from "node:path";
import puppeteer from "puppeteer-core";

const folder = path.resolve(process.argv[2]), shots = path.join(folder, "shots"), only = process.argv[3] || "";
fs.mkdirSync(shots, {recursive: true});
const chromium = process.env.CHROMIUM || ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].find(f => fs.existsSync(f));
const profile = fs.mkdtempSync(path.join(folder, "profile-"));
const browser = await puppeteer.launch({executablePath: chromium, headless: true, userDataDir: profile,
  args: ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"]});
const axe = fs.readFileSync(new URL("node_modules/axe-core/axe.min.js", import.meta.url), "utf8");
let failed = 0;
const expect = (ok, ...what) => { if (!ok) { failed++; console.log("FAIL", ...what); } };
const wait = ms => new Promise(r => setTimeout(r, ms));

// open shows a page, and gathers what it asks for and complains of.
const open = async (name, {width = 1280, height = 900, zoom = 1, media = [], bypass = false} = {}) => {
  const p = await browser.newPage(), seen = {requests: [], errors: []};
  if (bypass) await p.setBypassCSP(true); // for axe alone, which is put into the page
  p.on("request", r => { if (!/^(file|blob|data):/.test(r.url())) seen.requests.push(r.url()); });
  p.on("pageerror", e => seen.errors.push(e.message));
  p.on("console", m => seen.errors.push(m.type() + " " + m.text()));
  p.on("dialog", d => { seen.errors.push("dialog"); d.dismiss(); });
  await p.evaluateOnNewDocument(() => { window.violations = []; document.addEventListener("securitypolicyviolation", e => window.violations.push(e.violatedDirective + " " + e.sample)); });
  await p.setViewport({width, height, deviceScaleFactor: zoom});
  if (media.length) { const c = await p.createCDPSession(); await c.send("Emulation.setEmulatedMedia", {features: media}); }
  await p.goto("file://" + path.join(folder, name + ".html"));
  await p.waitForFunction("window.__ready", {timeout: 20000}).catch(() => { throw new Error(name + " is not ready: " + seen.errors.join("; ")); });
  return {p, seen};
};
const quiet = async (name, p, seen) => {
  expect(!seen.requests.length, name, "asks for", seen.requests);
  expect(!seen.errors.length, name, "complains of", seen.errors);
  const violations = await p.evaluate(() => window.violations);
  expect(!violations.length, name, "violates its policy:", violations);
};

const hostile = async () => {
  const {p, seen} = await open("hostile", {height: 1400});
  await p.evaluate(() => document.querySelectorAll("details").forEach(d => { d.open = true; }));
  const rows = await p.evaluate(() => document.querySelector("[role=grid]").getAttribute("aria-rowcount") - 1);
  await p.evaluate(() => document.querySelector(".vp .row").click());
  let slowest = 0;
  for (let i = 0; i < rows; i++) { const t = Date.now(); await p.evaluate(() => document.querySelector("[data-b=next]")?.click()); slowest = Math.max(slowest, Date.now() - t); }
  await p.evaluate(() => document.querySelector("[data-b=close]").click());
  await p.evaluate(() => [...document.querySelectorAll(".count .btn")].at(-1).click());
  await p.evaluate(() => document.querySelectorAll("bdi,.row,td").forEach(e => e.dispatchEvent(new MouseEvent("mouseover", {bubbles: true}))));
  await wait(300);
  const r = await p.evaluate(() => ({
    pwned: window.pwned, scripts: document.scripts.length, title: document.title.length > 0,
    born: [...document.querySelectorAll("img,svg *:not(rect),base,iframe,object,embed,link,meta[http-equiv=refresh]")].map(e => e.outerHTML.slice(0, 80)),
    on: [...document.querySelectorAll("*")].filter(e => [...e.attributes].some(a => /^on|^src$|^srcdoc$/i.test(a.name))).length,
    links: [...document.querySelectorAll("a[href]")].filter(a => !/^(#|https:\/\/)/.test(a.getAttribute("href"))).length,
    bidi: /[\u202a-\u202e\u2066-\u2069\u200f\u0000-\u0008\u001b]/.test(document.body.innerText),
    text: document.body.innerText.includes('<img src=x onerror="window.pwned=2">'),
    hidden: getComputedStyle(document.querySelector("main")).display === "none",
    table: document.querySelectorAll("#tab tbody tr").length}));
  console.log("hostile", JSON.stringify(r), "slowest dialog", slowest, "ms");
  expect(r.pwned === undefined && r.scripts === 1 && !r.born.length && !r.on && !r.links && !r.bidi && r.text && !r.hidden, "hostile values are not inert", r);
  expect(r.table === rows, "the plain table has", r.table, "of", rows, "rows");
  await quiet("hostile", p, seen);
  await p.screenshot({path: path.join(shots, "hostile.png")});
  await p.close();
};

const large = async () => {
  const {p, seen} = await open("large");
  await p.waitForFunction("window.__indexed");
  const ready = await p.evaluate(() => Math.round(window.__ready)), size = fs.statSync(path.join(folder, "large.html")).size;
  let slowest = 0, most = 0;
  for (const q of ["a", "e", "petro", "harbour linden", "12,000.00", "#92743", "zzzz", "+49 30 77", "1", "stage moves back", ""]) {
    const m = await p.evaluate(async q => { const i = document.querySelector("input[type=search]"); i.value = q; const t = performance.now(); i.dispatchEvent(new Event("input", {bubbles: true})); await new Promise(r => requestAnimationFrame(() => setTimeout(r))); return [performance.now() - t, document.querySelector(".count strong").textContent, document.querySelectorAll(".vp .row").length]; }, q);
    slowest = Math.max(slowest, m[0]); most = Math.max(most, m[2]);
    console.log("  search", JSON.stringify(q), Math.round(m[0]) + " ms", m[1]);
  }
  const scroll = await p.evaluate(async () => { const v = document.querySelector(".vp"); let worst = 0, rows = 0; for (let i = 0; i < 60; i++) { v.scrollTop = i * v.scrollHeight / 60; const t = performance.now(); await new Promise(r => requestAnimationFrame(() => setTimeout(r))); worst = Math.max(worst, performance.now() - t); rows = Math.max(rows, document.querySelectorAll(".vp .row").length); } return {worst: Math.round(worst), rows, elements: document.querySelectorAll("*").length, count: document.querySelector("[role=grid]").getAttribute("aria-rowcount")}; });
  console.log("large", size, "bytes, ready", ready, "ms, slowest search", Math.round(slowest), "ms,", JSON.stringify(scroll));
  expect(size <= 6e6 && ready <= 3000 && slowest <= 200 && Math.max(most, scroll.rows) <= 300, "large: over its budget");
  await quiet("large", p, seen);
  await p.screenshot({path: path.join(shots, "large.png")});
  await p.close();
};

// keys goes through the list as somebody does who has no mouse.
const keys = async () => {
  const {p, seen} = await open("plan");
  await p.focus("input[type=search]");
  await p.keyboard.type("harbour");
  await wait(100);
  await p.keyboard.press("ArrowDown");
  const row = await p.evaluate(() => document.activeElement.classList.contains("row"));
  await p.keyboard.press("ArrowDown"); await p.keyboard.press("ArrowDown"); await p.keyboard.press("Enter");
  const dialog = await p.evaluate(() => document.querySelector("dialog").open && document.activeElement.id === "dlgh");
  await p.keyboard.press("Escape");
  await wait(50);
  const back = await p.evaluate(() => document.activeElement.getAttribute("aria-rowindex"));
  await p.keyboard.press("/");
  const search = await p.evaluate(() => document.activeElement.type === "search");
  expect(row && dialog && back === "4" && search, "keys:", {row, dialog, back, search});
  // all causes ticked make a complete review
  await p.evaluate(() => document.querySelectorAll("input[data-rev]").forEach(b => b.click()));
  await p.evaluate(() => { document.getElementById("who").value = "Olga"; document.getElementById("exp").requestSubmit(); });
  const review = await p.evaluate(() => window.__review);
  expect(review.complete && review.reviewer === "Olga" && review.causes.every(c => c.reviewedAt), "the review is not complete", review);
  fs.writeFileSync(path.join(folder, "reviewed.json"), JSON.stringify(review));
  await quiet("plan", p, seen);
  await p.close();
};

const looks = async () => {
  const dark = [{name: "prefers-color-scheme", value: "dark"}], forced = [{name: "forced-colors", value: "active"}];
  let violations = 0, states = 0;
  for (const name of ["plan", "report"]) for (const [width, height, zoom] of [[1440, 900, 1], [820, 1180, 1], [360, 740, 1], [640, 450, 2]]) for (const [mode, media] of [["light", []], ["dark", dark], ["forced", forced]]) for (const state of ["closed", "open", "dialog", "table"]) {
    const {p} = await open(name, {width, height, zoom, media, bypass: true});
    if (state !== "closed") await p.evaluate(() => document.querySelectorAll(".cause details").forEach(d => { d.open = true; }));
    if (state === "open") await p.evaluate(() => [...document.querySelectorAll(".rev input")].slice(0, 3).forEach(x => x.click()));
    if (state === "dialog") await p.evaluate(() => document.querySelector(".vp .row").click());
    if (state === "table") await p.evaluate(() => [...document.querySelectorAll(".count .btn")].at(-1).click());
    await wait(60);
    await p.evaluate(axe);
    const r = await p.evaluate(forced => axe.run(document, {resultTypes: ["violations"], rules: forced ? {"color-contrast": {enabled: false}} : {}, runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}), mode === "forced");
    for (const v of r.violations) { violations++; console.log("  axe", name, width, mode, state, v.id, v.impact, v.nodes.length, v.nodes[0].html.slice(0, 160)); }
    const wide = await p.evaluate(() => document.documentElement.scrollWidth > innerWidth);
    expect(!wide, name, width, mode, state, "is wider than the screen");
    if (state === "closed" || state === "dialog" && mode === "dark" || state === "open" && mode === "light") await p.screenshot({path: path.join(shots, `${name}-${width}${zoom > 1 ? "x2" : ""}-${mode}-${state}.png`), fullPage: state === "open"});
    states++;
    await p.close();
  }
  console.log("axe:", violations, "violations in", states, "states");
  expect(violations === 0, "axe has found violations");
  const {p} = await open("plan", {width: 800});
  await p.evaluate(() => dispatchEvent(new Event("beforeprint")));
  await p.pdf({path: path.join(shots, "plan.pdf"), format: "A4"});
  await p.emulateMediaType("print");
  await p.screenshot({path: path.join(shots, "plan-print.png"), fullPage: true});
  await p.close();
};

try {
  for (const [name, check] of Object.entries({hostile, large, keys, looks})) if (!only || only === name) await check();
} catch (e) {
  expect(false, e.message);
}
await browser.close();
fs.rmSync(profile, {recursive: true, force: true});
console.log(failed ? failed + " failed" : "all is well");
process.exit(failed ? 1 : 0);
