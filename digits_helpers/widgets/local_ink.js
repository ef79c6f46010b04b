// Ink under the pointer.
//
// ipycanvas shows ink only once its events have travelled to the kernel and back. This module lays a second canvas over
// ipycanvas's, draws every move of the pointer there at once, and takes a stroke off again when the kernel's own ink is
// on the page. Strokes begin and end with the very events that ipycanvas sends to the kernel, so page and kernel agree
// on them. Where the module can't load, the pad works with the kernel's ink alone.

const PATIENCE = 500; // milliseconds for ipycanvas to show what the kernel has drawn
const REST = 20; // milliseconds without an event, after which the pointer rests
const STRAIGHT = 1; // canvas pixels by which a line may leave out a move
const JITTER = 0.5; // page pixels, as in smooth.py
const ROUND = 1;

export default {
  render({ model, el }) {
    let detach = () => {};
    // The views of a box are built one by one: neither the canvas nor the box itself need be there yet.
    let waiting = requestAnimationFrame(function find() {
      const canvas = el.closest(".digit-canvas")?.querySelector("canvas:not(.local-ink)");
      if (canvas) detach = attach(model, canvas, el.closest(".digit-canvas"));
      else waiting = requestAnimationFrame(find);
    });
    return () => {
      cancelAnimationFrame(waiting);
      detach();
    };
  },
};

function attach(model, canvas, frame) {
  const leaving = new AbortController();
  // The frame sees an event on the canvas before ipycanvas does.
  const options = { capture: true, passive: true, signal: leaving.signal };
  const on = (type, handle) =>
    frame.addEventListener(type, (event) => event.target === canvas && handle(event), options);

  canvas.setAttribute("role", "img");
  canvas.setAttribute("aria-label", "Drawing canvas");
  Object.assign(canvas.style, { touchAction: "none", cursor: "crosshair" });
  // ipycanvas would swallow both: let the browser move the focus, and scroll the page.
  on("keydown", (event) => event.key === "Tab" && event.stopPropagation());
  on("wheel", (event) => event.stopPropagation());

  const layer = createLayer(model, canvas, frame);
  followPointer(canvas, layer, on);
  return () => {
    leaving.abort();
    layer.remove();
  };
}

// The canvas on top, with the strokes that the kernel has yet to draw.
function createLayer(model, canvas, frame) {
  const view = Math.random().toString(36).slice(2); // a pad can be shown several times
  const ink = document.createElement("canvas");
  const context = ink.getContext("2d");
  const probe = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  let strokes = [];
  let open = null; // the stroke that is being drawn
  let count = 0;

  ink.className = "local-ink";
  ink.setAttribute("aria-hidden", "true");
  Object.assign(ink.style, { position: "absolute", pointerEvents: "none", margin: 0 });
  frame.style.position = "relative";
  canvas.after(ink);

  const place = () => {
    const [outer, paper] = [frame, canvas].map((one) => one.getBoundingClientRect());
    ink.style.left = `${paper.left - outer.left - frame.clientLeft}px`;
    ink.style.top = `${paper.top - outer.top - frame.clientTop}px`;
    ink.style.width = `${paper.width}px`;
    ink.style.height = `${paper.height}px`;
    // As many pixels as ipycanvas has, so that edges look the same when its ink takes over.
    if (ink.width !== canvas.width || ink.height !== canvas.height) {
      Object.assign(ink, { width: canvas.width, height: canvas.height });
      draw();
    }
  };

  // Each stroke in one go, as the kernel draws it: pieces whose soft edges overlap look stepped.
  const draw = () => {
    context.clearRect(0, 0, ink.width, ink.height);
    context.fillStyle = context.strokeStyle = model.get("colour");
    context.lineWidth = (model.get("brush") * ink.width) / model.get("width");
    context.lineCap = context.lineJoin = "round";
    for (const { points } of strokes) {
      context.beginPath();
      context.arc(...points[0], context.lineWidth / 2, 0, 2 * Math.PI);
      context.fill();
      context.beginPath();
      for (const point of smooth(points, ink.width / model.get("width"))) context.lineTo(...point);
      context.stroke();
    }
  };

  const keep = (wanted) => {
    strokes = strokes.filter(wanted);
    if (!strokes.includes(open)) open = null; // the pointer may still be down, but the stroke is over
    draw();
  };

  // Whether ipycanvas shows the end of the stroke as this layer does.
  const isPainted = ({ points }) => {
    const [x, y] = points.at(-1);
    const [ours, theirs] = [ink, canvas].map((source) => {
      probe.drawImage(source, x, y, 1, 1, 0, 0, 1, 1);
      return probe.getImageData(0, 0, 1, 1).data[0];
    });
    return Math.abs(ours - theirs) < 32;
  };

  const dropPainted = (now) => {
    keep((stroke) => !stroke.settled || (!isPainted(stroke) && now < stroke.settled + PATIENCE));
    if (strokes.some((stroke) => stroke.settled)) requestAnimationFrame(dropPainted);
  };

  // The kernel has drawn all strokes up to this one or, if they aren't kept, removed them.
  const settle = ({ settled, kept }) => {
    const last = strokes.findIndex((stroke) => stroke.id === settled);
    for (const stroke of strokes.slice(0, last + 1)) stroke.settled ||= performance.now();
    if (open?.settled) open = null;
    if (kept) requestAnimationFrame(dropPainted);
    else keep((stroke) => !stroke.settled);
  };

  const observer = new ResizeObserver(place);
  observer.observe(canvas);
  const listeners = { "change:brush": draw, "change:colour": draw, "msg:custom": settle };
  for (const [event, handle] of Object.entries(listeners)) model.on(event, handle);

  return {
    last: () => open?.points.at(-1), // where the open stroke is, if there is one
    begin(x, y) {
      place();
      open = { id: `${view}-${(count += 1)}`, points: [[x, y]], settled: 0 };
      strokes.push(open);
      draw();
      // As a key, ipycanvas sends the name with its events: a message of this widget might overtake some of them.
      tellByKey(canvas, `stroke ${open.id}`);
    },
    extend(points) {
      open.points.push(...points);
      draw();
    },
    end: () => (open = null),
    cancel: () => keep((stroke) => stroke !== open),
    remove() {
      observer.disconnect();
      for (const [event, handle] of Object.entries(listeners)) model.off(event, handle);
      ink.remove();
    },
  };
}

// Give ipycanvas a word to send to the kernel.
const tellByKey = (canvas, key) => canvas.dispatchEvent(new KeyboardEvent("keydown", { key }));

// Mouse and touch events begin and end a stroke, as in the kernel. Pointer events draw it: they also have the moves
// between two frames, and a pen's or finger's fractions of a pixel.
function followPointer(canvas, layer, on) {
  let pointer = null; // the one that was pressed last
  let touched = false; // whether it's a touch, which browsers may send again as if it came from a mouse

  const at = ({ clientX, clientY }) => {
    const { left, top, width, height } = canvas.getBoundingClientRect();
    return [(canvas.width * (clientX - left)) / width, (canvas.height * (clientY - top)) / height];
  };

  // Give ipycanvas a mouse event that the browser doesn't send.
  const tell = (type, { clientX, clientY }) => canvas.dispatchEvent(new MouseEvent(type, { clientX, clientY }));

  // Jupyter's server holds small messages back until the page has acknowledged earlier ones, which a browser puts off by
  // 40 ms unless it has something to send. So that no answer waits for that, send something when the pointer rests.
  let resting = 0;
  const awaitAnswer = () => {
    clearTimeout(resting);
    resting = setTimeout(tellByKey, REST, canvas, "rest");
  };

  on("pointerdown", (event) => {
    pointer = event.pointerId;
    touched = false;
  });

  on("pointermove", (event) => {
    const last = layer.last();
    if (!last || event.pointerId !== pointer) return;
    if (!(event.buttons & 1)) return tell("mouseup", event); // released where nobody saw it, such as over a menu
    const moves = event.getCoalescedEvents?.() ?? []; // browsers have it on secure pages only
    const points = (moves.length ? moves : [event]).map(at);
    layer.extend(points);
    awaitAnswer();
    // The browser sends only the last move on as the mouse's. The kernel's line needs those where it bends, too.
    if (!touched) for (const index of bends([last, ...points])) tell("mousemove", moves[index - 1]);
  });

  on("mousedown", (event) => {
    if (event.button !== 0 || touched) event.stopPropagation();
    else layer.begin(...at(event));
  });
  on("mouseup", (event) => {
    if (event.button !== 0) event.stopPropagation();
    else layer.end();
    awaitAnswer();
  });
  on("mouseout", () => layer.end());

  // With a second finger, somebody wants to zoom and not to draw.
  const onTouch = (type, handle) =>
    on(type, (event) => (event.touches.length > 1 ? layer.cancel() : handle(event)));
  onTouch("touchstart", (event) => {
    touched = true;
    layer.begin(...at(event.touches[0]));
  });
  onTouch("touchmove", () => {});
  onTouch("touchend", () => {
    layer.end();
    awaitAnswer();
  });
  onTouch("touchcancel", () => layer.end());
}

// The places of those points, between the first and the last, that a line needs to stay close to all of them.
function bends(points, from = 0, to = points.length - 1) {
  const [[left, top], [right, bottom]] = [points[from], points[to]];
  const [width, height] = [right - left, bottom - top];
  const length = Math.hypot(width, height);
  const distance = ([x, y]) =>
    length ? Math.abs(width * (y - top) - height * (x - left)) / length : Math.hypot(x - left, y - top);
  let far = from;
  for (let index = from + 1; index < to; index += 1) {
    if (distance(points[index]) > Math.max(STRAIGHT, far > from ? distance(points[far]) : 0)) far = index;
  }
  return far === from ? [] : [...bends(points, from, far), far, ...bends(points, far, to)];
}

// The smooth line on which a stroke is shown: smooth.py explains it. `scale` is canvas pixels per pixel of the page.
function smooth(points, scale) {
  if (points.length < 3) return points;
  const steady = changeInside(points, (before, point, after) => {
    const pulled = between(point, between(before, after));
    return [distance(point, pulled) <= JITTER * scale ? pulled : point];
  });
  return changeInside(steady, (before, corner, after) => {
    const pull = 2 * distance(corner, between(before, after));
    const reach = Math.min(0.5, (4 * ROUND * scale) / pull);
    const [start, end] = [between(corner, before, reach), between(corner, after, reach)];
    return [start, between(between(start, corner), between(corner, end)), end];
  });
}

const distance = ([x, y], [toX, toY]) => Math.hypot(toX - x, toY - y);
const between = ([x, y], [toX, toY], share = 0.5) => [x + share * (toX - x), y + share * (toY - y)];

// Puts other points in place of each but the first and the last.
function changeInside(points, change) {
  const inside = points.slice(1, -1).flatMap((point, at) => change(points[at], point, points[at + 2]));
  return [points[0], ...inside, points.at(-1)];
}
