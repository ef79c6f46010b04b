"""JavaScript on the page that shows a widget, for what ipywidgets has no way to say."""


def on_page(javascript):
    """HTML that runs JavaScript, without double quotes, each time a page shows it.

    It is the handler of a picture that can't be loaded, since a page runs no other script in HTML that comes later.
    ``this`` is that picture, which nobody sees.

    >>> on_page("this.remove()")
    '<img src="data:," alt="" style="display:none" onerror="this.remove()">'
    """
    return f'<img src="data:," alt="" style="display:none" onerror="{javascript}">'
