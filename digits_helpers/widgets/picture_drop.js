// Read a picture that is dropped on the pad, or pasted on it.
//
// The module's own element is a curtain over the pad: it shows only while a file is dragged over it. The listeners are
// the document's, because the pad around the element may not be on the page yet when `render` is called, and they
// capture, so that JupyterLab doesn't open or upload what was meant for the pad.

export default {
  render({ model, el }) {
    const listening = new AbortController();
    const listen = (event, handler) =>
      document.addEventListener(event, handler, { capture: true, signal: listening.signal });
    const pad = () => el.closest(".digit-pad");

    el.classList.add("digit-curtain");
    el.textContent = "Drop the picture to read it";

    const showCurtain = (shown) => pad()?.classList.toggle("digit-dropping", shown);

    listen("dragover", (event) => {
      const here = holdsFiles(event.dataTransfer) && isInside(event, pad());
      showCurtain(here);
      if (here) {
        claim(event); // or the browser would open the file in the pad's place
        event.dataTransfer.dropEffect = "copy";
      }
    });

    listen("dragleave", (event) => {
      if (!pad()?.contains(event.relatedTarget)) showCurtain(false);
    });

    listen("drop", (event) => {
      showCurtain(false);
      if (holdsFiles(event.dataTransfer) && isInside(event, pad())) {
        claim(event);
        send(model, event.dataTransfer.files);
      }
    });

    listen("paste", (event) => {
      if (holdsFiles(event.clipboardData) && isMeantFor(pad())) {
        claim(event);
        send(model, event.clipboardData.files);
      }
    });

    // A canvas of ipycanvas that has the focus keeps every key to itself: then there would be no paste.
    listen("keydown", (event) => {
      const pastes = (event.ctrlKey || event.metaKey) && event.key?.toLowerCase() === "v";
      if (pastes && event.target.tagName === "CANVAS" && isInside(event, pad())) event.stopPropagation();
    });

    return () => {
      showCurtain(false);
      listening.abort();
    };
  },
};

// Text and links are dragged and pasted as well, and stay what they are.
function holdsFiles(data) {
  return data?.types.includes("Files") ?? false;
}

function isInside(event, pad) {
  return pad !== null && event.composedPath().includes(pad);
}

// A paste goes where the focus is. Where nobody is typing, the pad under the pointer takes it, too.
function isMeantFor(pad) {
  const focused = document.activeElement;
  if (pad === null || pad.contains(focused)) return pad !== null;
  const typing = focused?.closest("input, textarea, [contenteditable=true]");
  return !typing && pad.matches(":hover");
}

function claim(event) {
  event.preventDefault();
  event.stopPropagation();
}

// Send the first picture among the files, or what is wrong with them: Python shows it as an error.
async function send(model, files) {
  const picture = [...files].find((file) => file.type.startsWith("image/"));
  const limit = model.get("max_bytes");
  if (!picture) {
    model.send({ error: "This file is not a picture that can be read. Use a PNG or JPEG file." });
  } else if (picture.size > limit) {
    // A server drops the connection at a larger message, and Python would never hear of it.
    model.send({ error: `The file is too large: over ${limit / 1e6} MB. Save the picture in a smaller size.` });
  } else {
    model.send({ name: picture.name }, undefined, [await picture.arrayBuffer()]);
  }
}
