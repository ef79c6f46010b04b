// Draws the answer beside the canvas: one large digit with its confidence, a bar for each digit, and the images that
// the model sees. Python sends numbers and pixels (see answer.py). The elements are built once and afterwards only
// changed, so the bars can glide to their new length and nothing on the page jumps.

const SIDE = 28; // pixels of an image as the model sees it

function element(tag, className = "", ...children) {
  const made = document.createElement(tag);
  made.className = className;
  made.append(...children);
  return made;
}

const percent = (share, decimals = 0) => `${(100 * share).toFixed(decimals)}\u00a0%`;

// An image of uint8 pixels, 0 for paper to 255 for ink, with its caption. CSS gives it its size on the page.

function picture(caption) {
  const canvas = element("canvas");
  canvas.setAttribute("role", "img");
  const figure = element("figure", "digit-picture", canvas, element("figcaption"));
  paint(figure, caption, null);
  return figure;
}

function paint(figure, caption, pixels, width = SIDE, height = SIDE) {
  const [canvas, text] = figure.children;
  figure.classList.toggle("is-empty", !pixels);
  if (text.textContent !== caption) text.textContent = caption;
  canvas.setAttribute("aria-label", caption);
  canvas.width = width; // this also clears it
  canvas.height = height;
  if (!pixels) return;
  const image = new ImageData(width, height);
  pixels.forEach((ink, place) => image.data.set([ink, ink, ink, 255], 4 * place));
  canvas.getContext("2d").putImageData(image, 0, 0);
}

// Part of a binary trait, or null where it isn't that long.
function bytes(view, start, length) {
  if (!view || view.byteLength < start + length) return null;
  return new Uint8Array(view.buffer, view.byteOffset + start, length);
}

// The answer to one digit. Each function builds a part and returns it with the function that shows an answer in it;
// `best` holds all digits, the most likely first, and is empty where there is no answer.

function largeDigit() {
  const hero = element("div", "digit-large");
  hero.setAttribute("aria-hidden", "true"); // the line of words above says the same
  const candidate = (digit, share) =>
    element("span", "digit-candidate", element("b", "", String(digit)), element("span", "", percent(share)));
  const show = (probabilities, best, sure) => {
    hero.classList.toggle("is-unsure", !sure);
    const [first, second] = best.map(digit => candidate(digit, probabilities[digit]));
    if (!first) hero.replaceChildren(element("span", "digit-prompt", "Draw a digit"));
    else if (sure) hero.replaceChildren(first);
    else hero.replaceChildren(first, element("span", "digit-or", "or"), second);
  };
  return [hero, show];
}

function bars() {
  const rows = Array.from({ length: 10 }, (_, digit) => {
    const head = element("th", "", String(digit));
    head.scope = "row";
    const bar = element("td", "digit-track", element("div", "digit-bar"));
    return element("tr", "", head, bar, element("td", "digit-share"), element("td", "digit-mark"));
  });
  const table = element("table", "digit-bars", element("tbody", "", ...rows));
  table.setAttribute("aria-label", "Probability of each digit");
  const show = (probabilities, best, sure) => {
    rows.forEach((row, digit) => {
      const [, track, share, mark] = row.children;
      const place = best.indexOf(digit);
      track.firstChild.style.width = percent(probabilities[digit] ?? 0, 2).replace("\u00a0", "");
      share.textContent = best.length ? percent(probabilities[digit]) : "";
      mark.textContent = place === 0 ? "◀" : place === 1 && !sure ? "◁" : "";
      row.classList.toggle("is-best", place === 0);
      row.classList.toggle("is-second", place === 1 && !sure);
    });
  };
  return [table, show];
}

function topThree() {
  const list = element("ol");
  const show = (probabilities, best) => {
    const item = digit => element("li", "", element("b", "", String(digit)), ` ${percent(probabilities[digit], 1)}`);
    list.replaceChildren(...best.slice(0, 3).map(item));
  };
  return [element("div", "digit-top3", element("span", "digit-caption", "Top three"), list), show];
}

function steps() {
  const row = element("div", "digit-steps");
  const show = (wanted, pixels) => {
    let start = 0;
    row.hidden = !wanted.length;
    while (row.children.length < wanted.length) row.append(picture(""));
    wanted.forEach(({ caption, width, height }, place) => {
      const empty = width * height === 0;
      paint(row.children[place], caption, empty ? null : bytes(pixels, start, width * height), width, height);
      start += width * height;
    });
  };
  return [row, show];
}

function digitView(model, el) {
  const [hero, showLarge] = largeDigit();
  const [table, showBars] = bars();
  const [top, showTop] = topThree();
  const [row, showSteps] = steps();
  const seen = picture("What the model sees");
  el.append(element("div", "digit-view", hero, table, element("div", "digit-seen", seen, top), row));
  return () => {
    const probabilities = model.get("probabilities");
    const best = probabilities.map((_, digit) => digit).sort((a, b) => probabilities[b] - probabilities[a]);
    for (const show of [showLarge, showBars, showTop]) show(probabilities, best, model.get("sure"));
    paint(seen, "What the model sees", bytes(model.get("seen"), 0, SIDE * SIDE));
    showSteps(model.get("steps"), model.get("step_pixels"));
  };
}

// The answer to a number: each digit as the model sees it.

function numberView(model, el) {
  const row = element("div", "digit-number");
  const prompt = element("span", "digit-prompt", "Write a number");
  prompt.setAttribute("aria-hidden", "true"); // the line of words says that nothing is drawn
  el.append(row);
  return () => {
    const figures = model.get("digits").map(({ digit, percent: share, doubtful }, place) => {
      const figure = picture("");
      const caption = doubtful ? `? (${digit}, ${share}\u00a0%)` : `${digit}, ${share}\u00a0%`;
      paint(figure, caption, bytes(model.get("digit_pixels"), place * SIDE * SIDE, SIDE * SIDE));
      figure.classList.toggle("is-unsure", doubtful);
      return figure;
    });
    row.replaceChildren(...(figures.length ? figures : [prompt]));
  };
}

// What ipywidgets leaves out. Its elements may come onto the page after this one: each is seen to once it's there.

function whenOnThePage(el, dress) {
  const tryAgain = () => { if (!dress(el.closest(".digit-pad"))) frame = requestAnimationFrame(tryAgain); };
  let frame = requestAnimationFrame(tryAgain);
  return () => cancelAnimationFrame(frame);
}

// Screen readers announce changes inside a live region, and miss a region that is itself new. So the element that
// stays becomes the region, not the line that Python replaces in it.
function announceWords(pad) {
  const words = pad?.querySelector(".digit-result .digit-answer")?.closest(".widget-html");
  words?.setAttribute("role", "status");
  words?.setAttribute("aria-live", "polite");
  return words;
}

// The titles below the canvas unfold at a click; this makes them buttons for the keyboard and for screen readers.
function unfoldByKeyboard(pad) {
  const titles = pad?.querySelectorAll(".jupyter-widget-Collapse-header, .p-Collapse-header");
  titles?.forEach(title => {
    const tell = () => title.setAttribute("aria-expanded", /Collapse-open/.test(title.parentElement.className));
    title.setAttribute("role", "button");
    title.tabIndex = 0;
    title.onkeydown = event => {
      if (event.key !== "Enter" && event.key !== " ") return;
      event.preventDefault(); // the space bar would scroll
      event.stopPropagation(); // and JupyterLab has its own use for both
      title.click();
    };
    new MutationObserver(tell).observe(title.parentElement, { attributeFilter: ["class"] });
    tell();
  });
  return titles?.length;
}

// The brush's slider has a label that isn't tied to the handle, which takes the focus.
function nameSliders(pad) {
  const handles = pad?.querySelectorAll(".widget-slider :is([role=slider], .ui-slider-handle)"); // ipywidgets 8, and 7
  const label = handle => handle.closest(".widget-slider").querySelector(".widget-label").textContent;
  handles?.forEach(handle => handle.setAttribute("aria-label", label(handle)));
  return handles?.length;
}

export default {
  render({ model, el }) {
    const show = (model.get("kind") === "number" ? numberView : digitView)(model, el);
    let due = 0;
    const showSoon = () => { due ||= requestAnimationFrame(() => { due = 0; show(); }); }; // once for all traits
    const events = ["probabilities", "sure", "seen", "steps", "step_pixels", "digits", "digit_pixels"];
    events.forEach(name => model.on(`change:${name}`, showSoon));
    show();
    const stops = [announceWords, unfoldByKeyboard, nameSliders].map(dress => whenOnThePage(el, dress));
    return () => {
      events.forEach(name => model.off(`change:${name}`, showSoon));
      cancelAnimationFrame(due);
      stops.forEach(stop => stop());
    };
  },
};
