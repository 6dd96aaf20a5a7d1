"""Layers of neural networks from scratch, each right, and with the mistakes that people make."""

import numpy as np


class Linear:
    """x W + b."""

    def __init__(self, rng, inputs, outputs):
        self.W, self.b = rng.normal(size=(inputs, outputs)), rng.normal(size=outputs)

    def forward(self, x):
        self.x = x
        return x @ self.W + self.b

    def backward(self, upstream):
        self.dW, self.db = self.x.T @ upstream, upstream.sum(axis=0)
        return upstream @ self.W.T


class LinearSign(Linear):
    def backward(self, upstream):
        gradient = super().backward(upstream)
        self.dW = -self.dW
        return gradient


class LinearTransposed(Linear):
    def backward(self, upstream):
        gradient = super().backward(upstream)
        self.dW = self.dW.T
        return gradient


class LinearInputTransposed(Linear):
    def backward(self, upstream):
        super().backward(upstream)
        return upstream @ self.W


class LinearWithoutSum(Linear):
    def backward(self, upstream):
        gradient = super().backward(upstream)
        self.db = upstream
        return gradient


class LinearMean(Linear):
    def backward(self, upstream):
        gradient = super().backward(upstream)
        self.dW = self.dW / len(upstream)
        return gradient


class LinearIgnoring(Linear):
    def backward(self, upstream):
        return super().backward(np.ones_like(upstream))


class LinearAdding(Linear):
    """Gradients that add up, which need a `zero_grad` somewhere."""

    def __init__(self, rng, inputs, outputs):
        super().__init__(rng, inputs, outputs)
        self.dW, self.db = np.zeros_like(self.W), np.zeros_like(self.b)

    def backward(self, upstream):
        self.dW += self.x.T @ upstream
        self.db += upstream.sum(axis=0)
        return upstream @ self.W.T


class LinearCleared(LinearAdding):
    def zero_grad(self):
        self.dW[...], self.db[...] = 0, 0


class LinearForgetful(LinearAdding):
    def backward(self, upstream):
        self.dW[...] = self.x.T @ upstream
        return upstream @ self.W.T


class LinearStale(Linear):
    x = None

    def forward(self, x):
        if self.x is None:
            self.x = x
        return x @ self.W + self.b


class Relu:
    def forward(self, x):
        self.mask = x > 0
        return x * self.mask

    def backward(self, upstream):
        return upstream * self.mask


class ReluWithoutMask(Relu):
    def backward(self, upstream):
        return upstream


class ReluAdding(Relu):
    def backward(self, upstream):
        return upstream + self.mask


class ReluInPlace(Relu):
    def backward(self, upstream):
        upstream[~self.mask] = 0
        return upstream


class ReluOfInput(Relu):
    def forward(self, x):
        self.mask = x > 0
        x *= self.mask
        return x


class Softmax:
    def forward(self, x):
        e = np.exp(x - x.max(axis=-1, keepdims=True))
        self.p = e / e.sum(axis=-1, keepdims=True)
        return self.p

    def backward(self, upstream):
        return self.p * (upstream - (upstream * self.p).sum(axis=-1, keepdims=True))


class SoftmaxDiagonal(Softmax):
    def backward(self, upstream):
        return upstream * self.p * (1 - self.p)


class BatchNorm:
    def __init__(self, rng, features):
        self.gamma, self.beta = rng.normal(size=features), rng.normal(size=features)
        self.running_mean = np.zeros(features)

    def forward(self, x):
        mean = x.mean(axis=0)
        self.running_mean = 0.9 * self.running_mean + 0.1 * mean
        self.std = np.sqrt(x.var(axis=0) + 1e-5)
        self.h = (x - mean) / self.std
        return self.gamma * self.h + self.beta

    def backward(self, upstream):
        self.dgamma, self.dbeta = (upstream * self.h).sum(axis=0), upstream.sum(axis=0)
        g = upstream * self.gamma
        return (g - g.mean(axis=0) - self.h * (g * self.h).mean(axis=0)) / self.std


class BatchNormWithoutMeans(BatchNorm):
    def backward(self, upstream):
        super().backward(upstream)
        return upstream * self.gamma / self.std


class LayerNorm:
    def forward(self, x):
        self.std = np.sqrt(x.var(axis=-1, keepdims=True) + 1e-5)
        self.h = (x - x.mean(axis=-1, keepdims=True)) / self.std
        return self.h

    def backward(self, upstream):
        mean = upstream.mean(axis=-1, keepdims=True)
        shared = (upstream * self.h).mean(axis=-1, keepdims=True)
        return (upstream - mean - self.h * shared) / self.std


class LayerNormWithoutVariance(LayerNorm):
    def backward(self, upstream):
        return (upstream - upstream.mean(axis=-1, keepdims=True)) / self.std


class Convolution:
    """Valid correlation of each row with one filter."""

    def __init__(self, rng, width):
        self.params = {"w": rng.normal(size=width)}
        self.grads = {}

    def forward(self, x):
        self.x = x
        return np.array([np.correlate(row, self.params["w"], "valid") for row in x])

    def backward(self, upstream):
        pairs = list(zip(self.x, upstream, strict=True))
        self.grads["w"] = sum(np.correlate(row, g, "valid") for row, g in pairs)
        return np.array([np.convolve(g, self.params["w"], "full") for g in upstream])


class ConvolutionNotFlipped(Convolution):
    def backward(self, upstream):
        super().backward(upstream)
        return np.array([np.correlate(g, self.params["w"], "full") for g in upstream])


class Embedding:
    def __init__(self, rng, words, features):
        self.table = rng.normal(size=(words, features))

    def forward(self, indices):
        self.indices = indices
        return self.table[indices]

    def backward(self, upstream):
        self.dtable = np.zeros_like(self.table)
        np.add.at(self.dtable, self.indices, upstream)


class EmbeddingWithoutRepeats(Embedding):
    def backward(self, upstream):
        self.dtable = np.zeros_like(self.table)
        self.dtable[self.indices] = upstream


class Dropout:
    def __init__(self, rng):
        self.rng = rng

    def forward(self, x):
        self.mask = 2 * (self.rng.random(x.shape) > 0.5)
        return x * self.mask

    def backward(self, upstream):
        return upstream * self.mask


class Network:
    """Linear, relu, linear."""

    def __init__(self, rng, relu=Relu):
        self.layers = [Linear(rng, 3, 4), relu(), Linear(rng, 4, 2)]

    def forward(self, x):
        for layer in self.layers:
            x = layer.forward(x)
        return x

    def backward(self, upstream):
        for layer in reversed(self.layers):
            upstream = layer.backward(upstream)
        return upstream


def attention(q, k, v):
    scores = q @ k.T / np.sqrt(q.shape[1])
    weights = np.exp(scores - scores.max(axis=1, keepdims=True))
    weights /= weights.sum(axis=1, keepdims=True)
    return weights @ v, (q, k, v, weights)


def attention_backward(upstream, cache):
    q, k, v, weights = cache
    g = upstream @ v.T
    scores = weights * (g - (g * weights).sum(axis=1, keepdims=True)) / np.sqrt(q.shape[1])
    return scores @ k, scores.T @ q, weights.T @ upstream


def attention_backward_without_transpose(upstream, cache):
    dq, dk, _ = attention_backward(upstream, cache)
    return dq, dk, cache[3] @ upstream


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def lstm(x, h, c, W):
    """One step; the gates are i, f, o, g, from [x, h] W."""
    n = h.shape[1]
    z = np.hstack([x, h]) @ W
    i, f, o = (sigmoid(z[:, k * n : (k + 1) * n]) for k in range(3))
    g = np.tanh(z[:, 3 * n :])
    new = f * c + i * g
    return o * np.tanh(new), (x, h, c, W, i, f, o, g, new)


def lstm_backward(upstream, cache, gates=(1, 1, 1, 1)):
    x, h, c, W, i, f, o, g, new = cache
    d = upstream * o * (1 - np.tanh(new) ** 2)
    parts = (
        d * g * i * (1 - i),
        d * c * f * (1 - f),
        upstream * np.tanh(new) * o * (1 - o),
        d * i * (1 - g**2),
    )
    dz = np.hstack([weight * part for weight, part in zip(gates, parts, strict=True)])
    both = dz @ W.T
    return both[:, : x.shape[1]], both[:, x.shape[1] :], d * f, np.hstack([x, h]).T @ dz


def lstm_backward_without_a_gate(upstream, cache):
    return lstm_backward(upstream, cache, gates=(1, 0, 1, 1))
