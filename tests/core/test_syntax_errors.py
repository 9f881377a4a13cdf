"""What is said about texts that cannot be read: the message, the caret line and the hint, word for word."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gradcalc.errors import GradcalcError
from gradcalc.syntax import parse

# fmt: off
# source, names bound outside, message, caret line, hint
BAD: list[tuple[str, list[str], str, str, str]] = [
    ("x[...*2]", [], '"..." is a whole entry',
     "    ^^^", "write a comma after it, as in x[..., 0]"),
    ("x[1:...]", [], 'expected a value, but found "..."',
     "      ^^^", "... stands only inside a subscript, as in x[..., 0]"),
    ("1/2x", [], "1/2x has two readings",
     "  ^^^^", "write 1/(2*x) or (1/2)*x"),
    ("2^3x", [], "2^3x has two readings",
     "  ^^^^", "write 2^(3*x) or (2^3)*x"),
    ("x y", [], "x y has two readings",
     "  ^^^", "write x(y) or x*y"),
    ("1/2(x+1)", [], "1/2(x+1) has two readings",
     "  ^^^^^^^^", "write 1/(2*(x+1)) or (1/2)*(x+1)"),
    ("a/b(c)d", [], "a/b(c)d has two readings",
     "  ^^^^^^^", "write a/(b(c)*d) or (a/b(c))*d"),
    ("x%2y", [], "x%2y has two readings",
     "  ^^^^", "write x%(2*y) or (x%2)*y"),
    ("√x²", [], "√x² has two readings",
     "  ^^^", "write √(x^2) or (√x)^2"),
    ("√x^2", [], "√x^2 has two readings",
     "  ^^^^", "write √(x^2) or (√x)^2"),
    ("√2x", [], "√2x has two readings",
     "  ^^^", "write √(2*x) or √(2)*x"),
    ("√-x", [], "√ takes the value right after it",
     "   ^", "write √(-x)"),
    ("x|x|", [], "x|x| has two readings",
     "  ^^^^", "write x*abs(x) or max(x, x)"),
    ("|x|y|", [], 'this "|" closes nothing',
     "      ^", "add the one that opens; an absolute value is written |x| or abs(x)"),
    ("||x|-|y||", [], "||x|-|y|| has two readings",
     "  ^^^^^^^^^", "write abs(|x|-|y|) or norm(...)"),
    ("|x||y|", [], "|x||y| has two readings",
     "  ^^^^^^", "write |x|*|y| or norm(...)"),
    ("|x-|y||", [], "|x-|y|| has two readings",
     "  ^^^^^^^", "write |x-|y| | or norm(...)"),
    ("x|y", [], "x|y has two readings",
     "  ^^^", "write x*abs(y) or max(x, y)"),
    ("x || y", [], "x || y has two readings",
     "  ^^^^^^", "write x*norm(y) or max(x, y)"),
    ("|x", [], 'this "|" is never closed',
     "  ^", "add the one that closes it, or write abs(x)"),
    ("(|x)", [], 'this "|" is never closed',
     "   ^", "add the one that closes it, or write abs(x)"),
    ("|x, y|", [], 'this "|" is never closed',
     "  ^", "add the one that closes it, or write abs(x)"),
    ("sin x", [], "sin x has two readings",
     "  ^^^^^", "write sin(x) or sin*x"),
    ("sin 2", [], "sin 2 has two readings",
     "  ^^^^^", "write sin*2 or sin(2)"),
    ("1 + sin 2x", [], "sin 2x has two readings",
     "      ^^^^^^", "write sin(2x) or sin(2)*x"),
    ("sin^2 x", [], "sin^2 x has two readings",
     "  ^^^^^^^", "write sin(x)^2 or (sin^2)*x"),
    ("y^2 x", [], "y^2 x has two readings",
     "  ^^^^^", "write y^(2*x) or (y^2)*x"),
    ("x sin(y)", [], "x sin(y) has two readings",
     "  ^^^^^^^^", "write x(sin(y)) or x*sin(y)"),
    ("sin^2(x)", [], "sin^2(x) has two readings",
     "  ^^^^^^^^", "write sin(x)^2 or (sin^2)*(x)"),
    ("sin^-1(x)", [], "sin^-1(x) has two readings",
     "  ^^^^^^^^^", "write sin(x)^-1 or (sin^-1)*(x)"),
    ("sin²(x)", [], "sin²(x) has two readings",
     "  ^^^^^^^", "write sin(x)^2 or sin^2*(x)"),
    ("(x+1)^2(y+1)", [], "(x+1)^2(y+1) has two readings",
     "  ^^^^^^^^^^^^", "write (x+1)^(2*(y+1)) or ((x+1)^2)*(y+1)"),
    ("a/b c", [], "b c has two readings",
     "    ^^^", "write b(c) or b*c"),
    ("0<x<1", [], "0<x<1 has two readings",
     "  ^^^^^", "write (0<x)*(x<1) or (0<x)<1"),
    ("x==y==z", [], "x==y==z has two readings",
     "  ^^^^^^^", "write (x==y)*(y==z) or (x==y)==z"),
    ("2 3", [], "2 3 has two readings",
     "  ^^^", "write 2*3 or 23"),
    ("[1 2]", [], "1 2 has two readings",
     "   ^^^", "write 1*2 or 1, 2"),
    ("[x y]", [], "x y has two readings",
     "   ^^^", "write x(y) or x*y"),
    ("(x+1)2", [], "(x+1)2 has two readings",
     "  ^^^^^^", "write (x+1)*2 or (x+1)^2"),
    ("x²^3", [], "x²^3 has two readings",
     "  ^^^^", "write x^(2^3) or (x^2)^3"),
    ("2^x²", [], "2^x² has two readings",
     "  ^^^^", "write 2^(x^2) or (2^x)^2"),
    ("x²³ⁿ", [], 'the superscript "ⁿ" is not read',
     "     ^", "write ^n"),
    ("Wᵀ y", [], "Wᵀ y has two readings",
     "  ^^^^", "write Wᵀ @ y or Wᵀ * y"),
    ("W.T(x)", [], "W.T(x) has two readings",
     "  ^^^^^^", "write W.T @ (x) or W.T * (x)"),
    ("W^T", [], "W^T has two readings",
     "  ^^^", "write W.T for the transpose; for a power, give T a value"),
    ("pi(r+1)", [], "pi(r+1) has two readings",
     "  ^^^^^^^", "write pi*(r+1) for a product; to call pi it must be a function"),
    ("x = = 2", [], 'expected a value, but found "="',
     "      ^", "to compare write =="),
    ("x < = 2", [], 'expected a value, but found "="',
     "      ^", "write <= without a space"),
    ("x +", [], "expected a value, but the text ends",
     "     ^", 'write a value after "+"'),
    ("x + # c\ny", [], "expected a value, but the line ends",
     "         ^", 'write a value after "+"; inside brackets an expression may go on to the next line'),
    ("x+*y", [], 'expected a value, but found "*"',
     "    ^", "put a number, a name or a bracket here"),
    ("* x", [], 'expected a value, but found "*"',
     "  ^", "put a number, a name or a bracket here"),
    ("(x+)", [], 'expected a value, but found ")"',
     "     ^", 'write a value before the ")"'),
    ("()", [], "these brackets are empty",
     "  ^^", "put a value between them"),
    ("f(,x)", [], 'expected a value, but found ","',
     "    ^", "remove the comma or put a value before it"),
    ("[,]", [], 'expected a value, but found ","',
     "   ^", "remove the comma or put a value before it"),
    ("[]", [], "these brackets are empty",
     "  ^^", "put a value between them"),
    ("(x+y", [], 'this "(" is never closed',
     "  ^", 'add the ")" where it ends'),
    ("x+y)", [], 'this ")" closes nothing',
     "     ^", "remove it, or add the one that opens"),
    ("(x]", [], '"(" is closed by "]"',
     "    ^", 'write ")" here, or close it before'),
    ("[1, 2; 3, 4]", [], 'a ";" cannot stand inside brackets',
     "       ^", "rows are written [[1, 2], [3, 4]]"),
    ("f(a; b)", [], 'a ";" cannot stand inside brackets',
     "     ^", 'close the "(" before it, or write a comma'),
    ("x = (1+2\ny = 3", [], 'this "(" is never closed',
     "      ^", 'add the ")" where it ends'),
    ("0,5", [], "0,5 has two readings",
     "  ^^^", "write 0.5 for the decimal number or [0, 5] for two values"),
    ("1,000", [], "1,000 has two readings",
     "  ^^^^^", "write 1.000 for the decimal number or 1000 for the large number"),
    ("x,", [], "nothing follows this comma",
     "   ^", "remove it"),
    ("x, y", [], "a comma stands only between bindings and inside brackets",
     "   ^", "write [a, b] for a list and x = 1, y = 2 for two bindings"),
    ("x, y = 1, 2", [], "one binding binds one name",
     "  ^^^^", "write x = 1; y = 2 for two bindings, or ; in place of the comma"),
    (".5.", [], "this dot is followed by no name",
     "    ^", "a dot stands in numbers (0.5), in W.T and in x.sum(); a product is written *"),
    ("1..2", [], "1..2 is not a number",
     "  ^^^^", "a number has one point, as in 0.5"),
    ("1.2.3", [], "1.2.3 is not a number",
     "  ^^^^^", "a number has one point, as in 0.5"),
    ("x.", [], "this dot is followed by no name",
     "   ^", "a dot stands in numbers (0.5), in W.T and in x.sum(); a product is written *"),
    ("x.shape", [], ".shape is not understood",
     "   ^^^^^^", "after a dot stand T, as in W.T, and calls, as in x.sum()"),
    ("np.foo", [], "np.foo is neither called nor a constant",
     "  ^^^^^^", "write np.foo(x) to call it; the constants are pi, e, inf and nan"),
    ("np.tanh", [], "np.tanh is neither called nor a constant",
     "  ^^^^^^^", "write np.tanh(x) to call it; the constants are pi, e, inf and nan"),
    ("0x1F", [], "0x1F is not a number here",
     "  ^^^^", "numbers are decimal: write 31 for 0x1F"),
    ("1_000", [], "1_000 is not a number here",
     "  ^^^^^", "write 1000"),
    ("1j", [], "1j is not a number here",
     "  ^^", "there are no complex numbers; write 1*j if j is a variable"),
    ("1e999", [], "this number is too large",
     "  ^^^^^", "write inf for infinity"),
    ("(x=2)", [], '"=" cannot stand inside brackets',
     "    ^", "to compare write ==; a call's keyword stands at the start of an argument: sum(x, axis=0)"),
    ("sum(axis=0, x)", [], "an argument without a name follows one with a name",
     "              ^", "put it before axis=, or give it a name too"),
    ("sum(x, axis=0, axis=1)", [], "the argument axis is given twice",
     "                 ^^^^", "remove one of them"),
    ("x += 1", [], '"+=" is not in the language',
     "    ^^", "write x = x+1"),
    ("x := 1", [], '":=" is not in the language',
     "    ^^", "write x = 1"),
    ("x[0] = 1", [], 'only a name, or f(x) for a definition, can stand before "="',
     "  ^^^^", "entries are not changed one by one: write the whole list, x = [1, 2]"),
    ("x+1 = 2", [], 'only a name, or f(x) for a definition, can stand before "="',
     "  ^^^", "to compare write =="),
    ("2 = x", [], 'only a name, or f(x) for a definition, can stand before "="',
     "  ^", "to compare write =="),
    ("x = 2 = y", [], 'a second "=" in one statement',
     "        ^", "to compare write ==; put ; between two bindings"),
    ("x // y", [], '"//" is not part of the language',
     "    ^^", "for whole quotients write floor(x/y)"),
    ("x && y", [], '"&&" is not part of the language',
     "    ^^", "to require two conditions multiply them: (x>0)*(y>0)"),
    ("x and y", [], '"and" is not a word of the language',
     "    ^^^", "to require two conditions multiply them: (x>0)*(y>0)"),
    ("not x", [], '"not" is not a word of the language',
     "  ^^^", "for the opposite of a condition write 1-(x>0)"),
    ("x if y else z", [], '"if" is not a word of the language',
     "    ^^", "for a choice write where(condition, a, b)"),
    ("lambda x: x", [], '"lambda" is not a word of the language',
     "  ^^^^^^", "a function is written f(x) = x^2"),
    ("import numpy", [], '"import" is not a word of the language',
     "  ^^^^^^", "nothing needs importing; prefixes such as np. are understood"),
    ("print(x)", [], "print is not needed",
     "  ^^^^^", "the last statement is the output; write it alone"),
    ("def f(x): x", [], '"def" is not a word of the language',
     "  ^^^", "a function is written f(x) = x^2"),
    ("return x", [], '"return" is not a word of the language',
     "  ^^^^^^", "the last statement is the output; write it alone"),
    ("[x for x in range(3)]", [], '"for" cannot stand inside brackets',
     "     ^^^", "write the entries out, or use for t in range(...): as a line of its own"),
    ("x in y", [], '"in" cannot stand here',
     "    ^^", "a loop is a statement of its own: for t in range(4): h = tanh(h)"),
    ("in = 2", [], '"in" cannot be a name',
     "  ^^", "the reserved words are for, in, with and range"),
    ("range(5)", [], "range(...) belongs to a for or a subscript",
     "  ^^^^^", "write for t in range(4): or x[range(4), y]; range cannot be a name"),
    ("for = 2", [], 'a for is followed by one name and "in"',
     "      ^", "write for t in range(4):"),
    ("for i, j in range(3): x", [], 'a for is followed by one name and "in"',
     "       ^", "write for t in range(4):"),
    ("for t in 3: x", [], "a for runs over a range",
     "           ^", "write for t in range(4):"),
    ("for t in range(3) x", [], 'a ":" is missing after the range',
     "                   ^", "write for t in range(4):"),
    ("for t in range(3):", [], "this for repeats nothing",
     "  ^^^^^^^^^^^^^^^^^^", "put statements after the colon, or on the next lines, indented"),
    ("for t in range(3):\nx = 1", [], "this for repeats nothing",
     "  ^^^^^^^^^^^^^^^^^^", "put statements after the colon, or on the next lines, indented"),
    ("for t in range(3):\n    x = 1\n  y = 2", [], "this line is indented like no line above it",
     "    ^", "give all lines of a for the same indentation"),
    ("for t in range(3):\n    x = 1\n\ty = 2", [], "this line is indented like no line above it",
     "   ^", "indent with spaces only, or with tabs only"),
    ("for t = 1:3", [], 'a for is followed by one name and "in"',
     "        ^", "write for t in range(4):"),
    ("f(x, x) = x", [], "the parameter x occurs twice",
     "       ^", "give each one a name of its own"),
    ("f(2) = 3", [], "a function's parameters are names with commas between them",
     "    ^", "a definition is written f(x, y) = ..."),
    ("f(x,) = 3", [], "a function's parameters are names with commas between them",
     "     ^", "a definition is written f(x, y) = ..."),
    ("f() = 3", [], "a function needs a parameter",
     "   ^^", "a definition is written f(x, y) = ..."),
    ("f(x) = x with x = 1", [], "x is not the gradient of a parameter",
     "                ^", "f has dx"),
    ("f(x) = x with dy = 1", [], "dy is not the gradient of a parameter",
     "                ^^", "f has dx"),
    ("f(x) = x with dx = 1, dx = 2", [], "dx is given twice",
     "                        ^^", "remove one of them"),
    ("x = 2 with dx = 1", [], '"with" cannot stand here',
     "        ^^^^", '"with" belongs to a definition: f(x) = x^2  with  dx = 2*x'),
    ("with dx = 1", [], '"with" belongs to a definition',
     "  ^^^^", "write it on the same line: f(x) = x^2  with  dx = 2*x"),
    ("x[1:2:3:4]", [], "a slice has at most two colons",
     "         ^", "a slice is start:stop or start:stop:step"),
    ("x[]", [], "these brackets are empty",
     "   ^^", "put a value between them"),
    ("x[:", [], 'this "[" is never closed',
     "   ^", 'add the "]" where it ends'),
    ("2[0]", [], "a number has no entries",
     "   ^", "write 2*[0] for a product"),
    ('f("a', [], 'this quote is never closed (")',
     "    ^", 'add a " at the end of the text'),
    ("x'", [], "this quote is never closed (')",
     "   ^", "write W.T for a transpose, and f(x) = ... for a function"),
    ('"a"', [], "expected a value, but found quoted text",
     "  ^^^", 'quoted text must be a whole argument of a call, as in einsum("ij,jk->ik", A, B)'),
    ('f("a"+1)', [], "expected a value, but found quoted text",
     "    ^^^", 'quoted text must be a whole argument of a call, as in einsum("ij,jk->ik", A, B)'),
    ('x "a"', [], "quoted text must be a whole argument of a call",
     "    ^^^", 'such as in einsum("ij,jk->ik", A, B)'),
    ('float("inf")', [], "a number is written without quotes",
     "        ^^^^^", "write the number itself, or inf or nan"),
    ("{x}", [], '"{" is not part of the language',
     "  ^", "use ( ) to group and [ ] for lists"),
    ("x$", [], '"$" is not part of the language',
     "   ^", "LaTeX is not read, and in a shell single quotes keep a $ from being replaced"),
    ("x!", [], '"!" is not part of the language',
     "   ^", "for the opposite of a condition write 1-(x>0); there is no factorial"),
    ("~x", [], '"~" is not part of the language',
     "  ^", "for the opposite of a condition write 1-(x>0)"),
    ("a ? b : c", [], '"?" is not part of the language',
     "    ^", "for a choice write where(condition, a, b)"),
    ("\\frac{1}{2}", [], '"\\" is not part of the language',
     "  ^",
     "LaTeX is not read: write (a)/(b) for a fraction, a*b for a product, sqrt(a), exp(a)"),
    ("x\x00", [], "the character U+0000 is not part of the language",
     "   ^", "names are made of letters, digits and _; the operators are + - * / @ % ^"),
    ("x\ud800", [], "the character U+D800 is not part of the language",
     "   ^", "names are made of letters, digits and _; the operators are + - * / @ % ^"),
    ("😀", [], '"😀" is not part of the language',
     "  ^^", "names are made of letters, digits and _; the operators are + - * / @ % ^"),
    ("xⁿ", [], 'the superscript "ⁿ" is not read',
     "   ^", "write ^n"),
    ("xᵢ", [], 'the subscript "ᵢ" is not read',
     "   ^", "write xi for a name or x[i] for an entry"),
    ("²", [], 'expected a value, but found "²"',
     "  ^", "a superscript needs a value before it"),
    ("₂", [], "a subscript needs a name before it",
     "  ^", "write x2 for a name or x[2] for an entry"),
    ("‖x‖₂", [], "a subscript needs a name before it",
     "     ^", "write x2 for a name or x[2] for an entry"),
    ("||x||_2", [], "a subscript after a bracket is not read",
     "       ^^", "norm(x) is the 2-norm, sum(abs(x)) the 1-norm, max(abs(x)) the largest entry"),
    ("∑x", [], '"∑" is not part of the language',
     "  ^", "write sum(...)"),
    ("x…", [], '"…" cannot stand here',
     "   ^", "... stands only inside a subscript, as in x[..., 0]"),
    ("", [], "there is no expression here",
     "  ^", 'write one, such as "(x+y)*z"'),
    (";", [], "there is no expression here",
     "  ^", 'write one, such as "(x+y)*z"'),
    ("# nothing", [], "there is no expression here",
     "  ^", 'write one, such as "(x+y)*z"'),
    ("x: float = 3", [], '":" cannot stand here',
     "   ^", "a colon stands in a subscript, as in x[1:3], and after for t in range(...)"),
    ("x => 2", [], 'expected a value, but found ">"',
     "     ^", "to compare write >="),
    ("f(x)(y", [], 'this "(" is never closed',
     "      ^", 'add the ")" where it ends'),
    ("f(*x)", [], 'expected a value, but found "*"',
     "    ^", "a power is written x^2 or x**2, without a space; * before an argument is not read"),
    ("x³⁻", [], "the superscript ³⁻ is not a number",
     "   ^^", "a superscript is a whole number, such as ² or ⁻¹; write other powers with ^"),
    ("f(a) = a(a+1)", [], "a(a+1) has two readings",
     "         ^^^^^^", "write a*(a+1) for a product; to call a it must be a function"),
    ("s(t) = t with dt = s(1-s)", [], "s(1-s) has two readings",
     "                     ^^^^^^", "write s*(1-s) for a product; to call s it must be a function"),
    ("x = 2; x(y+1)", [], "x(y+1) has two readings",
     "         ^^^^^^", "write x*(y+1) for a product; to call x it must be a function"),
    ("2range(3)", [], "range(...) belongs to a for or a subscript",
     "   ^^^^^", "write for t in range(4): or x[range(4), y]"),
    ("np.pi r", [], "pi r has two readings",
     "     ^^^^", "write pi(r) or pi*r"),
    ("x\x1b[31m", [], "the character U+001B is not part of the language",
     "   ^", "names are made of letters, digits and _; the operators are + - * / @ % ^"),
    ("x\ty\x07", [], "the character U+0007 is not part of the language",
     "     ^", "names are made of letters, digits and _; the operators are + - * / @ % ^"),
    ("1/-2x", [], "1/-2x has two readings",
     "  ^^^^^", "write 1/(-2*x) or (1/-2)*x"),
    ("2^-3x", [], "2^-3x has two readings",
     "  ^^^^^", "write 2^(-3*x) or (2^-3)*x"),
    ("x**2y", [], "x**2y has two readings",
     "  ^^^^^", "write x**(2*y) or (x**2)*y"),
    ("1/√2x", [], "√2x has two readings",
     "    ^^^", "write √(2*x) or √(2)*x"),
    ("2^|x|y", [], "2^|x|y has two readings",
     "  ^^^^^^", "write 2^(|x|*y) or (2^|x|)*y"),
    ("f(x y)", [], "x y has two readings",
     "    ^^^", "write x(y) or x*y"),
    ("x.sum", [], ".sum is not understood",
     "   ^^^^", "after a dot stand T, as in W.T, and calls, as in x.sum()"),
    ("x.T.foo", [], ".foo is not understood",
     "     ^^^^", "after a dot stand T, as in W.T, and calls, as in x.sum()"),
    ("(1, 2", [], 'this "(" is never closed',
     "  ^", 'add the ")" where it ends'),
    ("x[1, 2; 3]", [], 'a ";" cannot stand inside brackets',
     "        ^", "rows are written [[1, 2], [3, 4]]"),
    ('"abc', [], 'this quote is never closed (")',
     "  ^", 'add a " at the end of the text'),
    ("x ^", [], "expected a value, but the text ends",
     "     ^", 'write a value after "^"'),
    ("x[=1]", [], 'expected a value, but found "="',
     "    ^", "put a number, a name or a bracket here"),
    ("f(=1)", [], 'expected a value, but found "="',
     "    ^", "put a number, a name or a bracket here"),
    ("(x:y)", [], '":" cannot stand inside brackets',
     "    ^", "a colon stands only in a subscript, as in x[1:3]"),
    ("x...", [], '"..." cannot stand here',
     "   ^^^", "... stands only inside a subscript, as in x[..., 0]"),
    ("1.5.T.", [], "this dot is followed by no name",
     "       ^", "a dot stands in numbers (0.5), in W.T and in x.sum(); a product is written *"),
    ("x @", [], "expected a value, but the text ends",
     "     ^", 'write a value after "@"'),
    ("a <", [], "expected a value, but the text ends",
     "     ^", 'write a value after "<"'),
    ("|", [], "expected a value, but the text ends",
     "   ^", 'write a value after "|"'),
    ("||x|", [], '"||" is closed by "|"',
     "     ^", "write |x| or abs(x) for an absolute value, ||x|| or norm(x) for a norm"),
    ("|x||", [], '"|" is closed by "||"',
     "    ^^", "write |x| or abs(x) for an absolute value, ||x|| or norm(x) for a norm"),
    ("x + |y", [], 'this "|" is never closed',
     "      ^", "add the one that closes it, or write abs(x)"),
    ("‖x", [], 'this "||" is never closed',
     "  ^", "add the one that closes it, or write norm(x)"),
    ("x[|1]", [], 'this "|" is never closed',
     "    ^", "add the one that closes it, or write abs(x)"),
    ("for t in range(3): ;", [], "this for repeats nothing",
     "  ^^^^^^^^^^^^^^^^^^", "put statements after the colon, or on the next lines, indented"),
    ("for t in range(3): for s in range(2):", [], "this for repeats nothing",
     "                     ^^^^^^^^^^^^^^^^^^",
     "put statements after the colon, or on the next lines, indented"),
    ("y = for", [], 'expected a value, but found "for"',
     "      ^^^", '"for" is a reserved word; choose another name'),
    ("f(x) = ", [], "expected a value, but the text ends",
     "         ^", 'write a value after "="'),
    ("f(x) = x with", [], '"with" must be followed by a gradient',
     "               ^", "write with dx = ..."),
    ("f(x) = x with dx", [], '"with" must be followed by a gradient',
     "                ^^", "write with dx = ..."),
    ("f(x) = x with dx = ", [], "expected a value, but the text ends",
     "                     ^", 'write a value after "="'),
    ("f(in) = 2", [], "a function's parameters are names with commas between them",
     "    ^^", "a definition is written f(x, y) = ..."),
    ("for in in range(3): x", [], 'a for is followed by one name and "in"',
     "      ^^", "write for t in range(4):"),
    ("for t in range: x", [], "range(...) belongs to a for or a subscript",
     "           ^^^^^", "write for t in range(4): or x[range(4), y]; range cannot be a name"),
    ("x = 1 y = 2", [], 'a second "=" in one statement',
     "          ^", "to compare write ==; put ; between two bindings"),
    ("else: 3", [], '"else" is not a word of the language',
     "  ^^^^", "for a choice write where(condition, a, b)"),
    ("x ² ³", [], "x ² ³ has two readings",
     "  ^^^^^", "write (x^2)^3 or x^23"),
    ("3 x 2", [], "x 2 has two readings",
     "    ^^^", "write x*2 or x(2)"),
    ("0,123", [], "0,123 has two readings",
     "  ^^^^^", "write 0.123 for the decimal number or [0, 123] for two values"),
    ("arr[0] += 1", [], '"+=" is not in the language',
     "         ^^", "write the whole binding, as in x = x+1"),
    ("x = y += 1", [], '"+=" is not in the language',
     "        ^^", "write the whole binding, as in x = x+1"),
    ("https://x.y", [], '"//" is not part of the language',
     "        ^^", "for whole quotients write floor(x/y)"),
    ("x(y+1)", ["x"], "x(y+1) has two readings",
     "  ^^^^^^", "write x*(y+1) for a product; to call x it must be a function"),
    ("x y", ["x", "y"], "x y has two readings",
     "  ^^^", "write x*y or xy"),
    ("x 2", ["x"], "x 2 has two readings",
     "  ^^^", "write x*2 or x2"),
    ("[x y]", ["x", "y"], "x y has two readings",
     "   ^^^", "write x*y or x, y"),
    ("1j+j", [], "1j is not a number here",
     "  ^^", "there are no complex numbers; write 1*j if j is a variable"),
    ("x²(y)", [], "x²(y) has two readings",
     "  ^^^^^", "write x(y)^2 or x^2*(y)"),
]
# fmt: on


TWO_READINGS = [row for row in BAD if row[2].endswith("has two readings")]


def refused(source: str, bound: list[str]) -> GradcalcError:
    """The error for a source."""
    with pytest.raises(GradcalcError) as caught:
        parse(source, bound=bound)
    return caught.value


@pytest.mark.parametrize(
    ("source", "bound", "message", "carets", "hint"), BAD, ids=lambda part: ascii(part)[:40]
)
def test_message(source: str, bound: list[str], message: str, carets: str, hint: str) -> None:
    """A bad text gets exactly this message, this line of carets and this hint."""
    error = refused(source, bound)
    assert (message, hint) == (error.message, error.hint)
    assert carets == str(error).split("\n")[-2]
    assert ("syntax", source) == (error.kind, error.source)


@pytest.mark.parametrize(
    ("source", "bound", "message", "carets", "hint"), TWO_READINGS, ids=lambda part: ascii(part)[:40]
)
def test_both_readings_are_shown(source: str, bound: list[str], message: str, carets: str, hint: str) -> None:
    """What has two readings is refused with both of them, or with the way to say each."""
    assert hint.startswith("write ")
    assert " or " in hint or "; " in hint


@pytest.mark.parametrize(
    ("source", "readings"),
    [
        ("1/2x", ["1/(2*x)", "(1/2)*x"]),
        ("2^3x", ["2^(3*x)", "(2^3)*x"]),
        ("1/2(x+1)", ["1/(2*(x+1))", "(1/2)*(x+1)"]),
        ("√x²", ["√(x^2)", "(√x)^2"]),
        ("√2x", ["√(2*x)", "√(2)*x"]),
        ("0<x<1", ["(0<x)*(x<1)", "(0<x)<1"]),
        ("x²^3", ["x^(2^3)", "(x^2)^3"]),
        ("|x|+1/2y", ["|x|+1/(2*y)", "|x|+(1/2)*y"]),
    ],
)
def test_readings_can_be_read(source: str, readings: list[str]) -> None:
    """Each reading that is offered is itself accepted, and they differ."""
    refused(source, [])
    first, second = (parse(reading) for reading in readings)
    assert [item[:3] for item in first.items] != [item[:3] for item in second.items]


def test_long_texts_are_not_repeated_in_messages() -> None:
    """A message stays one short line, whatever the text."""
    error = refused("1/" + "(" + "x+" * 10_000 + "1)y", [])
    assert error.message == "this has two readings"
    assert error.hint == "put in the brackets or the * that you mean"
    assert max(map(len, str(error).split("\n"))) < 120


def test_number_limits() -> None:
    """Thousands of digits are a number; an infinite one is not."""
    assert parse("0." + "3" * 10_000).items[0].value == 1 / 3
    assert refused("1" + "0" * 400, []).message == "this number is too large"


# Fuzz: whatever the text, it is read or refused by a GradcalcError that points into it.

# fmt: off
PIECES = [
    "x", "y", "f", "x₁", "σ", "np.", "np.sum(", ".T", ".sum()", "2", ".5", "1e3", "+", "-", "*", "/",
    "@", "%", "^", "**", "(", ")", "[", "]", ",", ";", ":", "=", "==", "<", "<=", "|", "||", "√", "²",
    "⁻¹", "ᵀ", "for", "in", "with", "range", "range(3)", ":", "...", "None", "'a'", '"', "'", "#",
    "lambda", "and", "+=", "//", "×", "‖", "½", "∞", "(", ")", "[", "]", "x", "y", "2", "dx", "_", "j",
    "e", "T", " ", "\n", "\n  ", "\t", "\r\n", "\ufeff", "\ud800", "\0",
]
# fmt: on
VALID = [
    "f(x,y,z) = (x+y)z, x=-2, y=5, z=-4",
    "sigma(t) = 1/(1 + exp(-t))  with  dt = (1 - sigma) * sigma\nsigma(2x²)",
    "for t in range(4):\n    h = tanh(W@h + U[t, :])\nsum(h, axis=0).T",
    "x = [[1, 2], [3, 4]]; s[range(5), y] + |x|/‖x‖ − √(2)x",
    "np.linalg.norm(x[1:, None]) * np.array([1, 2], dtype=float)",
]


def holds(text: str) -> None:
    """`text` is read or refused, and an error points into it."""
    error = None
    try:
        program = parse(text, bound=("x",))
    except GradcalcError as refusal:
        error = refusal
    if error is None:
        assert program.statements
        assert all(0 <= item.start < item.end <= len(text) for item in program.items)
    else:
        assert error.kind in ("syntax", "limit")
        assert error.span is not None
        assert 0 <= error.span.start <= error.span.end <= len(text)
        assert error.hint
        assert error.source == text
        assert "\n" not in error.message + error.hint
        assert str(error)


@given(st.text())
def test_any_text(text: str) -> None:
    """Any text at all."""
    holds(text)


@settings(max_examples=500)
@given(st.lists(st.sampled_from(PIECES)).map("".join))
def test_any_words(text: str) -> None:
    """Any words of the language in any order."""
    holds(text)


def test_a_product_over_two_lines_is_told_on_one() -> None:
    """A message is one line, however the text is broken."""
    holds("for t in range(4):\n    h = t(tanh(x)\n+ 1)(x)")


@settings(max_examples=300)
@given(st.sampled_from(VALID), st.integers(0, 2**32))
def test_mutated_programs(text: str, seed: int) -> None:
    """Programs with pieces put in, taken out and exchanged."""
    dice = random.Random(seed)
    for _ in range(dice.randint(1, 4)):
        at = dice.randrange(len(text) + 1)
        text = text[:at] + dice.choice([*PIECES, ""]) + text[at + dice.randint(0, 2) :]
    holds(text)


@pytest.mark.parametrize("text", VALID)
def test_beginnings_of_programs(text: str) -> None:
    """Programs cut off anywhere."""
    for end in range(len(text) + 1):
        holds(text[:end])
