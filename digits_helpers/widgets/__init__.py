"""The widgets, and the only home of ipywidgets and ipycanvas: the drawing pads and the training panel."""
