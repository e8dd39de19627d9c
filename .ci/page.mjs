// Opens a HTML report in a real browser: nothing is asked of a network, nothing is complained of, the filters
// filter, axe-core finds no barrier in light or dark, and ten thousand checks open and filter without a freeze.
//
// In: the folder of node_modules, the page of a run that fails, the page of a large run, the page of many
// targets. Out: exit code 0 if all of
// it holds, and screenshots beside the page.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";

const [modules, page, large, matrix] = process.argv.slice(2);
const require = createRequire(join(modules, "package.json"));
const puppeteer = require("puppeteer-core");
const axe = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");

const problems = [];
const expect = (holds, what) => holds || problems.push(what);
const browser = await puppeteer.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu"],
});

async function open(file, { scheme = "light", width = 1200 } = {}) {
  const tab = await browser.newPage();
  tab.on("console", (message) => problems.push(`the console says: ${message.text()}`));
  tab.on("pageerror", (error) => problems.push(`the script broke: ${error.message}`));
  tab.on("request", (request) => {
    expect(request.url().startsWith("file:"), `something was asked for: ${request.url()}`);
  });
  await tab.setViewport({ width, height: 900 });
  await tab.emulateMediaFeatures([{ name: "prefers-color-scheme", value: scheme }]);
  await tab.goto(pathToFileURL(file).href);
  return tab;
}

const visible = (tab) => tab.$$eval("#checks ol > li", (items) => items.filter((item) => !item.hidden).length);

// Barriers, with everything open that can be opened.
for (const [name, file, options] of [
  ["light", page, {}],
  ["dark", page, { scheme: "dark" }],
  ["phone", page, { width: 390 }],
  ["matrix-light", matrix, {}],
  ["matrix-dark", matrix, { scheme: "dark" }],
  ["matrix-phone", matrix, { width: 390 }],
]) {
  const tab = await open(file, options);
  await tab.evaluate(() => {
    for (const details of [...document.querySelectorAll("details")].slice(0, 12)) details.open = true;
    // What the browser has not laid out can't be judged.
    for (const item of [...document.querySelectorAll("#checks ol > li")].slice(60)) item.remove();
  });
  await tab.screenshot({ path: join(dirname(page), `${name}.png`) });
  // The page forbids scripts from elsewhere, the one of this test too.
  const world = await tab.target().createCDPSession();
  await world.send("Runtime.evaluate", { expression: axe });
  const found = await tab.evaluate(() =>
    axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] }),
  );
  for (const { id, help, nodes } of found.violations) problems.push(`${name}: ${id}: ${help}: ${nodes[0].html}`);
  const wide = await tab.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  expect(wide <= 0, `${name}: the page is ${wide} pixels wider than the screen`);
  await tab.close();
}

// The filters.
{
  const tab = await open(page);
  const all = await visible(tab);
  await tab.click("input[name=state][value=fails]");
  const failing = await visible(tab);
  const marked = await tab.$$eval("#checks ol > li[data-state=fails]", (items) => items.length);
  expect(failing === marked && failing > 0 && failing < all, `${failing} of ${all} fail, where ${marked} are marked`);
  await tab.click("input[name=level][value=should]");
  expect((await visible(tab)) === 0, "nothing that fails the run weighs should");
  await tab.click("button[type=reset]");
  await tab.waitForFunction((count) => document.getElementById("shown").textContent === `${count} checks`, {}, all);
  await tab.type("#words", "PAGING token");
  const ids = await tab.$$eval("#checks ol > li", (items) => items.filter((item) => !item.hidden).map((item) => item.id));
  expect(ids.length > 0 && ids.every((id) => id.startsWith("paging")), `words find ${ids}`);
  expect((await tab.$eval("#shown", (shown) => shown.textContent)) === `${ids.length} of ${all} checks`, "no count");
  // With the keyboard alone: the first stop leads to the checks, and a check opens.
  await tab.reload();
  await tab.keyboard.press("Tab");
  expect((await tab.evaluate(() => document.activeElement.className)) === "skip", "the first stop is no shortcut");
  await tab.keyboard.press("Enter");
  await tab.keyboard.press("Tab");
  await tab.keyboard.press("Enter");
  expect((await tab.$$eval("details[open]", (open) => open.length)) === 1, "Enter opens no check");
  await tab.close();
}

// Without a script everything is there to read.
{
  const tab = await browser.newPage();
  await tab.setJavaScriptEnabled(false);
  await tab.goto(pathToFileURL(page).href);
  expect((await tab.$("#filters[hidden]")) !== null, "filters that do nothing are shown");
  await tab.close();
}

// A large run. The bound is far above what it takes; what it guards against is a page that hangs.
{
  const started = Date.now();
  const tab = await open(large);
  const all = await visible(tab);
  expect(all >= 10000, `the large page has ${all} checks only`);
  const opened = Date.now() - started;
  const filtered = await tab.evaluate(async () => {
    const started = performance.now();
    document.querySelector("input[name=state][value=conforms]").click();
    await new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
    return Math.round(performance.now() - started);
  });
  expect(opened < 20000 && filtered < 5000, `opened in ${opened} ms, filtered in ${filtered} ms`);
  console.log(`${all} checks: opened in ${opened} ms, filtered in ${filtered} ms`);
}

await browser.close();
for (const problem of problems) console.error(problem);
process.exitCode = problems.length > 0 ? 1 : 0;
