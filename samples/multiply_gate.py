"""The multiplication gate of CS231n, lecture 4, through the forward/backward API: python multiply_gate.py

The gate keeps nothing: whoever runs it hands the inputs back for the backward pass. The same two calls run a
whole circuit, (x+y)*z, gate by gate, with the gradients multiplied out by hand.
"""

from gradcalc import GATES

add, mul = GATES["add"], GATES["mul"]
x, y, z = -2.0, 5.0, -4.0

q = add.forward(x, y)
f = mul.forward(q, z)
print(f"forward:  q = x + y = {q:g}, f = q * z = {f:g}")

into_mul = mul.backward(1.0, f, q, z)
dq, dz = into_mul["x"], into_mul["y"]  # a gate calls its inputs x and y
into_add = add.backward(dq, q, x, y)
dx, dy = into_add["x"], into_add["y"]
print(f"backward: df/dq = {dq:g}, df/dz = {dz:g}, df/dx = {dx:g}, df/dy = {dy:g}")
