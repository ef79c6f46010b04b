"""A guess as a still picture: what a stored notebook shows where no widget runs, for example on GitHub."""

from digits_helpers.widgets.lettering import LetteredCard, font
from digits_helpers.widgets.snapshot import FRAME, MARGIN, QUIET, SCALE, SURE, TEXT, TINT, TRACK

# All sizes are in pixels of the page.
WIDTH, INSIDE = 560, 560 - 2 * MARGIN
QUESTION, WORDS, SMALL = 16, 15, 13  # sizes of the type
LINE, GAP = 22, 10
SCALE_HEIGHT, CHOICE_HEIGHT = 46, 36
ABOVE = 26  # room for the truth above the scale
BAND, MARK = 16, 34  # the heights of the range and of the truth's line


def draw_card(card):
    """Draw a ``GuessCard`` as it is now. Returns a Pillow image."""
    question = _wrapped(card.question, QUESTION, bold=True)
    sentence = [] if card.choices and not card.guess and not card.truth else _wrapped(card.sentence, WORDS)
    rows = _rows_of_choices(card)
    scale = SCALE_HEIGHT + ABOVE * bool(card.truth)
    middle = (CHOICE_HEIGHT + GAP) * len(rows) - GAP if card.choices else scale
    height = 2 * MARGIN + LINE * (len(question) + len(sentence)) + GAP * (1 + bool(sentence)) + middle
    paper = _Paper(WIDTH, height)
    top = paper.lines(MARGIN, question, QUESTION, TEXT, bold=True) + GAP
    if card.choices:
        for row in rows:
            _draw_choices(paper, top, row, card)
            top += CHOICE_HEIGHT + GAP
    else:
        _draw_scale(paper, top, card)
        top += scale + GAP
    paper.lines(top, sentence, WORDS, TEXT if card.truth else QUIET)
    return paper.image.quantize(64)


class _Paper(LetteredCard):
    def lines(self, top, lines, size, colour, bold=False):
        """Write lines one below the other; returns where they end."""
        for line in lines:
            self.write(MARGIN, top + LINE / 2, line, size, colour, "lm", bold)
            top += LINE
        return top


def _draw_scale(paper, top, card):
    """The scale with the range and the truth, as far as they are known."""
    track, low, high = top + BAND / 2 + ABOVE * bool(card.truth), card.low, card.high

    def x(value):
        return MARGIN + BAND / 2 + (INSIDE - BAND) * (value - low) / (high - low)

    paper.box(MARGIN, track - 4, INSIDE, 8, TRACK, corner=4)
    if card.guess:
        first, last = (x(value) for value in card.guess)
        paper.box(first - BAND / 2, track - BAND / 2, last - first + BAND, BAND, SURE, corner=BAND / 2)
    if card.truth:
        at = x(card.place)
        paper.box(at - 3.5, track - MARK / 2, 7, MARK, "white", corner=3)
        paper.box(at - 1.5, track - MARK / 2, 3, MARK, TEXT, corner=1)
        width = _width(card.truth, 18, bold=True)
        left = min(max(at - width / 2, MARGIN), MARGIN + INSIDE - width)
        paper.write(left, track - MARK / 2 - 4, card.truth, 18, TEXT, "ls", bold=True)
    paper.write(MARGIN, track + 30, card.ends[0], SMALL, QUIET)
    paper.write(MARGIN + INSIDE, track + 30, card.ends[1], SMALL, QUIET, "rs")


def _rows_of_choices(card):
    """The choices with their widths, as many in a row as fit."""
    rows, left = [], INSIDE
    for choice in card.choices:
        width = min(28 + _width(_label(choice, card), 14, bold=choice == card.truth), INSIDE)
        if not rows or left + width > INSIDE:
            rows.append([])
            left = 0
        rows[-1].append((choice, left, width))
        left += width + 8
    return rows


def _draw_choices(paper, top, row, card):
    for choice, left, width in row:
        mine, right = [choice] == card.guess, choice == card.truth
        fill, outline = TINT if mine else "white", TEXT if right else SURE if mine else FRAME
        paper.box(MARGIN + left, top, width, CHOICE_HEIGHT, fill, outline, corner=10)
        label = _label(choice, card)
        paper.write(MARGIN + left + 14, top + CHOICE_HEIGHT / 2, label, 14, TEXT, "lm", bold=right)


def _label(choice, card):
    tick, mine = "✓ " * (choice == card.truth), " (your guess)" * ([choice] == card.guess)
    return f"{tick}{choice}{mine}"


def _wrapped(text, size, bold=False):
    """The text in lines that are as wide as the card, if its words are no wider."""
    lines = []
    for word in text.split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and _width(longer, size, bold) <= INSIDE:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines


def _width(text, size, bold=False):
    return font(SCALE * size, bold).getlength(text) / SCALE
