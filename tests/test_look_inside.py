"""Look inside without a browser: what it sends, how much, when, and for which models."""

import numpy as np
import pytest
from events import draw

import digits_helpers as dh
from digits_helpers.widgets import look_inside


@pytest.fixture
def pad():
    pad = dh.DigitPad()
    pad.inside = True
    return pad


@pytest.fixture
def sent(monkeypatch):
    """The messages that look inside sends: for each, its traits by name."""
    messages = []

    def send_state(self, key=None):
        if key is not None:  # everything, once, when it's made
            messages.append({name: getattr(self, name) for name in ([key] if isinstance(key, str) else key)})

    monkeypatch.setattr(look_inside.LookInside, "send_state", send_state)
    return messages


def decode(inside):
    """The layers' maps by name, as the page reads them."""
    values = np.frombuffer(inside.maps, "<f2").astype(np.float32)
    found = {}
    for layer in inside.layers:
        shape = (*layer["shape"][:-1], layer["sent"])
        found[layer["name"]], values = values[: np.prod(shape)].reshape(shape), values[np.prod(shape) :]
    assert values.size == 0
    return found


def conv_model(*layers, activation="softmax"):
    import keras

    keras.utils.set_random_seed(0)
    ending = [keras.layers.Flatten(), keras.layers.Dense(10, activation=activation)]
    return keras.Sequential([keras.Input((28, 28, 1)), *layers, *ending])


def details(pad):
    return [layer["name"] for layer in pad.layers.layers if layer["detail"]]


# What is sent


def test_the_maps_are_the_networks_activations(pad):
    pad.write(4)
    image = dh.prepare(pad.image)
    found, expected = decode(pad.layers), dh.Predictor().activations(image)
    np.testing.assert_allclose(found.pop("input")[..., 0], image, atol=5e-4)
    assert list(found) == [
        *("convolution 1", "pooling 1", "convolution 2", "convolution 3", "pooling 2", "convolution 4"),
        *("dense 1", "output"),
    ]
    for maps, (name, output) in zip(found.values(), expected.items(), strict=True):
        np.testing.assert_allclose(maps, output[0], rtol=1e-3, atol=1e-6, err_msg=name)


def test_the_kernels_are_the_networks(pad):
    kernels = np.frombuffer(pad.layers.kernels, "<f2").astype(np.float32)
    layers = [layer for layer in dh.Predictor().layers() if layer.kind == "conv"]
    expected = np.concatenate([part.ravel() for layer in layers for part in (layer.kernel, layer.bias)])
    np.testing.assert_allclose(kernels, expected, rtol=1e-3)
    assert sorted(details(pad)) == [*(f"convolution {n}" for n in (1, 2, 3, 4)), "pooling 1", "pooling 2"]


def test_each_answer_is_one_small_message(pad, sent):
    pad.write(4)
    pad.write(7)
    pad.clear()
    assert [set(message) for message in sent] == [{"maps"}] * 3
    assert 0 < len(sent[0]["maps"]) <= look_inside.LIMIT and sent[2]["maps"] == b""
    assert sent[0]["maps"] != sent[1]["maps"]


def test_drawing_updates_it(pad, sent):
    draw(pad, dh.write_digit(3))
    assert sent and sent[-1]["maps"] == pad.layers.maps
    np.testing.assert_allclose(decode(pad.layers)["output"], pad.probabilities, rtol=1e-3, atol=1e-6)


def test_while_closed_nothing_is_computed_or_sent(sent, monkeypatch):
    pad = dh.DigitPad()
    sent.clear()
    with monkeypatch.context() as broken:
        for name in ("activations", "layers"):
            broken.setattr(dh.Predictor, name, lambda *_: pytest.fail("computed"))
        pad.write(4)
        pad.undo()
        pad.write(5)
    assert sent == [] and pad.layers.maps == b""
    pad.inside = True
    assert [set(message) - {"opened"} for message in sent if "maps" in message] == [{"layers", "kernels", "maps"}]
    np.testing.assert_allclose(decode(pad.layers)["output"], pad.probabilities, rtol=1e-3, atol=1e-6)
    sent.clear()
    pad.inside = False
    pad.write(6)
    assert not any("maps" in message for message in sent)


def test_an_answer_that_is_stale_is_not_shown(pad):
    pad.write(5)
    pad.live = False
    draw(pad, [[(10, 10), (20, 20)]])
    assert pad.probabilities is None and pad.layers.maps == b""


# Any Keras model


def test_a_keras_model_is_shown_with_its_details(pad):
    pad.write(2)
    pad.model = dh.build_cnn()
    expected = pad.reader.predict.activations(dh.prepare(pad.image))
    expected.pop(next(name for name in expected if name.startswith("flatten")))
    found = decode(pad.layers)
    found.pop("input")
    for maps, (name, output) in zip(found.values(), expected.items(), strict=True):
        np.testing.assert_allclose(maps, output[0], rtol=1e-3, atol=1e-6, err_msg=name)
    assert details(pad) == ["convolution 1", "pooling 1", "convolution 2", "pooling 2", "convolution 3"]
    assert pad.layers.message == ""


def test_padding_no_relu_and_layers_it_does_not_know(pad):
    from keras import layers

    pad.model = conv_model(
        layers.Rescaling(2.0),
        layers.Conv2D(4, 3, padding="same"),
        layers.BatchNormalization(),
        layers.Conv2D(4, 3, activation="tanh"),
        layers.Conv2D(4, 5),
        layers.AveragePooling2D(2),
        layers.Dropout(0.5),
        layers.Conv2D(4, 3, activation="relu", use_bias=False),
    )
    pad.write(3)
    shown = pad.layers.layers
    assert [layer["kind"] for layer in shown] == ["input", "other", "conv", *["other"] * 4, "conv", "output"]
    assert details(pad) == ["convolution 1", "convolution 2"]
    assert shown[2]["padding"] == 1 and not shown[2]["relu"] and shown[-2]["relu"]
    assert decode(pad.layers)["convolution 1"].min() < 0


def test_a_branch_is_shown_without_details_that_would_be_wrong(pad):
    import keras
    from keras import layers

    inputs = keras.Input((28, 28, 1))
    one, two = layers.Conv2D(1, 3, padding="same")(inputs), layers.Conv2D(1, 3, padding="same")(inputs)
    outputs = layers.Dense(10, activation="softmax")(layers.Flatten()(layers.Add()([one, two])))
    pad.model = keras.Model(inputs, outputs)
    assert details(pad) == ["convolution 1"]  # the second doesn't take what the first makes


def test_new_weights_of_the_same_model_are_sent(pad):
    from keras import layers

    pad.model = model = conv_model(layers.Conv2D(2, 3, activation="relu"))
    pad.write(3)
    before = pad.layers.kernels
    model.layers[0].set_weights([weight + 1 for weight in model.layers[0].get_weights()])
    pad.predict()
    assert len(pad.layers.kernels) == len(before) and pad.layers.kernels != before


def test_of_a_large_model_as_many_maps_are_sent_as_fit(pad):
    from keras import layers

    pad.model = conv_model(layers.Conv2D(128, 3, activation="relu"), layers.Conv2D(8, 3, activation="relu"))
    pad.write(3)
    assert 0 < len(pad.layers.maps) <= look_inside.LIMIT
    assert [layer["sent"] for layer in pad.layers.layers] == [1, 64, 8, 10]
    assert details(pad) == ["convolution 1"]  # the second would need all maps of the first
    found, expected = decode(pad.layers), pad.reader.predict.activations(dh.prepare(pad.image))
    maps = found["convolution 1"]
    first = next(iter(expected.values()))[0][..., : maps.shape[-1]]
    np.testing.assert_allclose(maps, first, rtol=1e-3, atol=1e-6)


def test_a_model_that_cannot_be_shown_gets_one_line_and_still_reads(pad, sent):
    from keras import layers

    pad.write(3)
    pad.model = conv_model(layers.Reshape((28, 14, 2, 1)))
    assert pad.layers.message == look_inside.CANNOT and "\n" not in pad.layers.message
    assert pad.layers.layers == [] and pad.layers.maps == pad.layers.kernels == b""
    assert abs(pad.probabilities.sum() - 1) < 1e-5 and pad.answer.status.value == ""
    sent.clear()
    pad.write(4)
    assert sent == []
    pad.model = None
    assert pad.layers.message == "" and len(pad.layers.layers) == 9
