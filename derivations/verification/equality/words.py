"""Matrix expressions as polynomials in words: sums of products of letters that do not commute.

A letter is a matrix, its transpose, a vector as a column or a row, or as a diagonal matrix. A product
that closes, as v.T @ A @ u or a trace, is a scalar, which is a generator; so the coefficients of words
are rational functions. Sizes stay letters of their own.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sympy

from derivations.verification.equality.formal_field import Generator, OutOfReachError, Quotient
from derivations.verification.equality.formal_functions import UNDEFINED
from derivations.verification.equality.formal_reader import Place, Reader, positive
from derivations.verification.equality.word_pieces import Letter, Pieces, Word, turned_word
from symbolic.algebra.normal import expand, split
from symbolic.algebra.signs import nonnegative
from symbolic.algebra.simplification import ALGEBRA
from symbolic.nodes import Apply, Contraction, Elementwise, Expression, Sum, Variable, kernel_symbol

_MOST_WORDS = 120
_LONGEST = 24
_MOST_STEPS = 4000
_MOST_INVERSES = 8


Polynomial = dict[Word, Quotient]


class Words(Reader):
    """Expressions read as polynomials in words, with the rules that inverses and domains bring."""

    def __init__(self) -> None:
        super().__init__()
        self.forget()

    def forget(self) -> None:
        """Begin again without rules: their coefficients belong to one region of signs."""
        self.rules: dict[Word, Polynomial] = {}
        self.inverses: dict[Letter, Polynomial] = {}  # the matrix of each inverse
        self._known: set[Letter] = set()
        self._steps = 0

    def polynomial(self, node: Expression) -> Polynomial:
        """A scalar (as a number times the empty word), a vector (as columns) or a matrix."""
        whole = expand(ALGEBRA.canonical(node), ALGEBRA)
        total: Polynomial = {}
        for term in whole.terms if isinstance(whole, Sum) else (whole,):
            total = added(total, self._term(term))
        return self.reduced(total)

    def contraction(self, node: Contraction, at: Place) -> Any:
        """Scalars are closed words; entries of vectors and matrices are not read."""
        if node.rank:
            raise OutOfReachError("an entry of a matrix")
        return self.scalar(node)

    def generator(self, node: Expression, at: Place) -> Quotient:
        """Scalars that are functions of matrices, by the laws of determinants."""
        if isinstance(node, Apply) and node.operand.rank == 2:
            if node.function == "det":
                return self.determinant(node.operand)
            if node.function == "logdet":
                return self.over.functions.log_of_size(self.determinant(node.operand))
        return super().generator(node, at)

    def scalar(self, node: Expression) -> Quotient:
        """The value of a scalar expression."""
        total = self.polynomial(node)
        if any(total):
            raise OutOfReachError("a scalar that does not close")
        return total.get((), self.over.field.number(0))

    # --- reading a flat product ------------------------------------------------------------------

    def _term(self, node: Expression) -> Polynomial:
        if not isinstance(node, Contraction):
            axes = tuple(range(node.rank))
            node = Contraction([node], [axes], axes)
        pieces = Pieces(node)
        found = self.coefficient(node.coefficient)
        for scalar in pieces.scalars:
            found = found * self.read(scalar, ())
        for cycle in pieces.cycles:
            found = found * self._closed(cycle, True)
        for chain in pieces.closed_chains:
            found = found * self._closed(chain, False)
        for label in pieces.free_labels:
            found = found * self.coefficient(sympy.sympify(node.sizes[label]))
        if found is UNDEFINED:
            raise OutOfReachError("a factor without a value")
        word = pieces.open_word
        for letter in word:
            self._learn(letter)
        return {word: found}

    def _closed(self, word: Word, cyclic: bool) -> Quotient:
        """The scalar that a product from a row to a column is, or the trace of a product."""
        for letter in word:
            self._learn(letter)
        total = self.over.field.number(0)
        rotations = [word[k:] + word[:k] for k in range(len(word))] if cyclic else [word]
        for rotation in rotations:
            reduced = self.reduced({rotation: self.over.field.number(1)})
            if reduced != {rotation: self.over.field.number(1)} and rotation not in reduced:
                for each, coefficient in reduced.items():
                    total = total + coefficient * self._closed_plain(each, cyclic, word)
                return total
        return self._closed_generator(word, cyclic)

    def _closed_plain(self, word: Word, cyclic: bool, before: Word) -> Quotient:
        if not word and cyclic:
            return self.coefficient(sympy.sympify(_rows(before[0])))
        return self._closed(word, cyclic)

    def _closed_generator(self, word: Word, cyclic: bool) -> Quotient:
        if not cyclic and len(word) == 2:
            return self._inner_product(word[0].node, word[1].node)
        ways = [word, turned_word(word)]
        if cyclic:
            ways = [way[k:] + way[:k] for way in ways for k in range(len(word))]
        least = min(ways, key=lambda way: [letter.order for letter in way])
        return self.over.field.generator(("closed", cyclic, least), Generator("entry"))

    def _inner_product(self, first: Expression, second: Expression) -> Quotient:
        """A row times a column, by the entrywise product of the two."""
        vector = ALGEBRA.canonical(Contraction([first, second], [(0,), (0,)], (0,)))
        coefficient, body = split(vector)
        sign = 1 if positive(body) else 0 if nonnegative(body) else None
        made = Generator("entry", sign=sign)
        return self.coefficient(coefficient) * self.over.field.generator(("sum", body), made)

    # --- determinants ----------------------------------------------------------------------------

    def determinant(self, matrix: Expression) -> Quotient:
        """det(A B) = det(A) det(B), det(A + R) = det(A) det(I + inv(A) R), det(I + U V) = det(I + V U)."""
        return self._determinant(self.polynomial(matrix), matrix)

    def _determinant(self, found: Polynomial, matrix: Expression) -> Quotient:
        one = self.over.field.number(1)
        if len(found) == 1:
            ((word, coefficient),) = found.items()
            if (coefficient - 1).is_zero and all(_is_square_letter(letter) for letter in word):
                total = one
                for letter in word:
                    total = total * self._determinant_of_letter(letter)
                return total
        if () in found and (found[()] - 1).is_zero and len(found) == 2:
            return self._of_identity_plus({w: c for w, c in found.items() if w})
        lead = [w for w in found if len(w) == 1 and _is_square_letter(w[0])]
        if () not in found and lead and len(found) == 2:
            first = min(lead, key=lambda w: (self._is_inverse(w[0]), w[0].order))
            if (found[first] - 1).is_zero:
                inverse = self._inverse_of(first[0])
                rest = {(inverse, *w): c for w, c in found.items() if w != first}
                return self._determinant_of_letter(first[0]) * self._of_identity_plus(rest)
        return self._plain_determinant(matrix)

    def _of_identity_plus(self, rest: Polynomial) -> Quotient:
        """det(I + c*w) for one word w."""
        one = self.over.field.number(1)
        ((word, coefficient),) = rest.items()
        places = [k for k, letter in enumerate(word) if letter.starts and not letter.turned]
        if len(places) == 1:  # w = a u v.T b, of rank one
            rotated = word[places[0] + 1 :] + word[: places[0] + 1]
            return one + coefficient * self._closed(rotated, False)
        if places:
            raise OutOfReachError("a determinant of a sum")
        ways = [w[k:] + w[:k] for w in (word, turned_word(word)) for k in range(len(word))]
        least = min(ways, key=lambda way: [letter.order for letter in way])
        key = ("det(I + w)", least, coefficient.key)
        return self.over.field.generator(key, Generator("entry"))

    def _determinant_of_letter(self, letter: Letter) -> Quotient:
        node = letter.node
        if isinstance(node, Apply) and node.function == "inv":
            return self._determinant(self.inverses[letter], node.operand).inverse()
        return self._plain_determinant(letter.node)

    def _plain_determinant(self, matrix: Expression) -> Quotient:
        positive = isinstance(matrix, Variable) and matrix.domain == "spd"
        same = ALGEBRA.canonical(Apply("det", matrix))
        made = Generator("entry", sign=1 if positive else None)
        found = self.over.field.generator(("det", same), made)
        if isinstance(matrix, Variable) and matrix.domain == "orthogonal":
            self.over.field.relate(found, 2, self.over.field.number(1))
        return found

    def _is_inverse(self, letter: Letter) -> bool:
        return isinstance(letter.node, Apply) and letter.node.function == "inv"

    def _inverse_of(self, letter: Letter) -> Letter:
        if letter.diagonal:
            x = kernel_symbol(0)
            over = Elementwise(sympy.Lambda((x,), 1 / x), [letter.node])
            return Letter(ALGEBRA.canonical(over), diagonal=True)
        if self._is_inverse(letter):
            operand = self.inverses[letter]
            if len(operand) == 1:
                ((word, coefficient),) = operand.items()
                if len(word) == 1 and (coefficient - 1).is_zero:
                    return word[0]
            raise OutOfReachError("the inverse of an inverse of a sum")
        found = Letter(ALGEBRA.canonical(Apply("inv", letter.node)))
        if found.node.rank != 2 or not self._is_inverse(found):
            raise OutOfReachError("an inverse that is something else")
        found = found.transposed if letter.turned else found
        self._learn(found)
        return found

    # --- rules -----------------------------------------------------------------------------------

    def _learn(self, letter: Letter) -> None:
        """The rules of a letter that is met for the first time: inverses and orthogonal matrices."""
        if letter in self._known:
            return
        self._known |= {letter, letter.transposed}
        node = letter.node
        if isinstance(node, Variable) and node.domain == "orthogonal" and node.rank == 2:
            one: Polynomial = {(): self.over.field.number(1)}
            upright = Letter(node)
            self.rules[upright.transposed, upright] = one
            if node.shape[0] == node.shape[1]:
                self.rules[upright, upright.transposed] = one
        if not isinstance(node, Apply) or node.function != "inv" or node.rank != 2:
            return
        if len(self.inverses) > _MOST_INVERSES:
            raise OutOfReachError("many inverses")
        upright = Letter(node)
        matrix = self.polynomial(node.operand)
        self.inverses[upright] = matrix
        self.inverses[upright.transposed] = {turned_word(w): c for w, c in matrix.items()}
        for each in dict.fromkeys((upright, upright.transposed)):
            if not self._add_rank_one(each):
                self._add_rules(each, self.inverses[each])
                self._add_exchanges(each)

    def _add_rank_one(self, inverse: Letter) -> bool:
        """The law of Sherman and Morrison, where M is a letter or a number and a column times a row."""
        matrix = self.inverses[inverse]
        updates = [w for w in matrix if len(w) == 2 and w[0].starts and w[1].starts]
        others = [w for w in matrix if w not in updates]
        if len(updates) != 1 or len(others) != 1 or len(others[0]) > 1:
            return False
        ((column, row),) = updates
        if column.turned or not row.turned:
            return False
        base: Word = (self._inverse_of(others[0][0]),) if others[0] else ()
        over, weight = matrix[others[0]].inverse(), matrix[updates[0]]
        inside = self._closed((row, *base, column), False)
        share = -weight * over * over * (1 + weight * over * inside).inverse()
        self.rules[(inverse,)] = added({base: over}, {(*base, column, row, *base): share})
        return True

    def _add_exchanges(self, inverse: Letter) -> None:
        """inv(M) a = a inv(N) for letters a with a N = M a, as inv(I + X Y) X = X inv(I + Y X)."""
        for other in list(self.inverses):
            for one, two in dict.fromkeys([(inverse, other), (other, inverse)]):
                first, second = self.inverses[one], self.inverses[two]
                letters = {letter for word in (*first, *second) for letter in word}
                for a in letters:
                    if a.starts or _ends_of(a) != (_rows(one), _rows(two)):
                        continue
                    single: Polynomial = {(a,): self.over.field.number(1)}
                    gap = added(multiplied(first, single), _negated(multiplied(single, second)))
                    if not gap:
                        self.rules[one, a] = {(a, two): self.over.field.number(1)}

    def _add_rules(self, inverse: Letter, matrix: Polynomial) -> None:
        """W inv(M) = (1 - (M - c w) inv(M))/c for the leading word w of M, and on the other side."""
        if not matrix:
            raise OutOfReachError("the inverse of zero")
        if set(matrix) == {()}:
            self.rules[(inverse,)] = {(): matrix[()].inverse()}
            return
        lead = max(matrix, key=lambda word: (len(word), [letter.order for letter in word]))
        over = matrix[lead].inverse()
        left: Polynomial = {(): over}
        right: Polynomial = {(): over}
        for word, coefficient in matrix.items():
            if word != lead:
                left = added(left, {(*word, inverse): -coefficient * over})
                right = added(right, {(inverse, *word): -coefficient * over})
        self.rules[*lead, inverse] = left
        self.rules[inverse, *lead] = right

    def reduced(self, polynomial: Polynomial) -> Polynomial:
        """A polynomial with no word that holds the left side of a rule."""
        waiting = dict(polynomial)
        done: Polynomial = {}
        while waiting:
            word, coefficient = waiting.popitem()
            if coefficient.is_zero:
                continue
            self._steps += 1
            if self._steps > _MOST_STEPS or len(word) > _LONGEST or len(waiting) > _MOST_WORDS:
                raise OutOfReachError("too many words")
            word, factor = self._joined(word)
            coefficient = coefficient * factor
            found = self._rule_inside(word)
            if found is None:
                left, scalar = self._without_scalar(word)
                if left == word:
                    done = added(done, {word: coefficient})
                else:
                    waiting = added(waiting, {left: coefficient * scalar})
                continue
            start, stop, right = found
            for middle, factor in right.items():
                fresh = (*word[:start], *middle, *word[stop:])
                waiting = added(waiting, {fresh: coefficient * factor})
        return {word: c for word, c in done.items() if not c.is_zero}

    def _without_scalar(self, word: Word) -> tuple[Word, Quotient]:
        """A row that meets a column is a scalar: what is left of a longer word, and the scalar."""
        for start, letter in enumerate(word):
            if letter.starts and letter.turned:
                for stop in range(start + 1, len(word)):
                    if word[stop].starts and not word[stop].turned:
                        if stop - start == len(word) - 1:
                            return word, self.over.field.number(1)
                        inside = self._closed(word[start : stop + 1], False)
                        return word[:start] + word[stop + 1 :], inside
        return word, self.over.field.number(1)

    def _joined(self, word: Word) -> tuple[Word, Quotient]:
        """The word with diagonal matrices multiplied into each other, into columns and rows."""
        factor = self.over.field.number(1)
        place = 0
        while place + 1 < len(word):
            first, second = word[place : place + 2]
            column = second.starts and not second.turned
            row = first.starts and first.turned
            if not ((first.diagonal and (second.diagonal or column)) or (row and second.diagonal)):
                place += 1
                continue
            vector = Contraction([first.node, second.node], [(0,), (0,)], (0,))
            product = ALGEBRA.canonical(vector)
            middle: Word = (Letter(product, row, first.diagonal and second.diagonal),)
            if middle[0].diagonal and isinstance(product, Contraction) and not product.operands:
                factor, middle = factor * self.coefficient(product.coefficient), ()
            word, place = word[:place] + middle + word[place + 2 :], max(0, place - 1)
        return word, factor

    def _rule_inside(self, word: Word) -> tuple[int, int, Polynomial] | None:
        for start in range(len(word)):
            for stop in range(start + 1, len(word) + 1):
                if word[start:stop] in self.rules:
                    return start, stop, self.rules[word[start:stop]]
        return None


def added(first: Polynomial, second: Mapping[Word, Quotient]) -> Polynomial:
    """The sum of two polynomials."""
    total = dict(first)
    for word, coefficient in second.items():
        total[word] = total[word] + coefficient if word in total else coefficient
    return {word: c for word, c in total.items() if not c.is_zero}


def multiplied(first: Polynomial, second: Polynomial) -> Polynomial:
    """The product of two polynomials."""
    total: Polynomial = {}
    for word, coefficient in first.items():
        for other, factor in second.items():
            total = added(total, {word + other: coefficient * factor})
    return total


def _negated(polynomial: Polynomial) -> Polynomial:
    return {word: -coefficient for word, coefficient in polynomial.items()}


def _rows(letter: Letter) -> Any:
    return letter.node.shape[-1 if letter.turned else 0]


def _ends_of(letter: Letter) -> tuple[Any, Any]:
    """Rows and columns of a matrix."""
    if letter.diagonal:
        return letter.node.shape[0], letter.node.shape[0]
    rows, columns = letter.node.shape
    return (columns, rows) if letter.turned else (rows, columns)


def _is_square_letter(letter: Letter) -> bool:
    node = letter.node
    return node.rank == 2 and node.shape[0] == node.shape[1] and not letter.diagonal
