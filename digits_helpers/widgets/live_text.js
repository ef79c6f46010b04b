// A line of text that screen readers announce when it changes.

export default {
  render({ model, el }) {
    el.setAttribute("role", "status"); // implies aria-live="polite"
    el.setAttribute("aria-live", "polite");
    const show = () => { el.textContent = model.get("value"); };
    model.on("change:value", show);
    show();
    return () => model.off("change:value", show);
  },
};
