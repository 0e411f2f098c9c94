---@meta
-- array_matrix.d.lua: products, equations and decompositions of matrices.

---@class limn.array
local array = {}

---Matrix product. A vector on the left is a row, on the right a column, and the result lacks that dimension.
---Errors: raises when the inner dimensions differ.
---Source: BLAS dgemm (sgemm for two f32 arrays) (eq. 44).
---```lua
---print(limn.eye(2):matmul { 1, 2 })
---```
---@param b limn.array|table
---@return limn.array|number
function array:matmul(b) end

---The sum of products of two vectors; for matrices the same as matmul.
---Errors: raises when the dimensions differ.
---```lua
---print(limn.range(1, 3):dot { 1, 1, 1 })
---```
---@param b limn.array|table
---@return number|limn.array
function array:dot(b) end

---x with self x = b, and the reciprocal condition number of self.
---Errors: nil, message when self is singular; raises when it is not square or b has another number of rows.
---Source: LAPACK dgesv (LU with partial pivoting) (eq. 44).
---```lua
---print(limn.array({ { 2, 0 }, { 0, 4 } }):solve { 2, 4 })
---```
---@param b limn.array|table n or n x k
---@return limn.array x
---@return number rcond
function array:solve(b) end

---The x of least norm among those with the least |self x - b|, the numerical rank, and the singular values.
---Errors: nil, message when it does not converge; raises when b has another number of rows.
---```lua
---print(limn.array({ { 1, 0 }, { 1, 1 }, { 1, 2 } }):lstsq { 1, 3, 5 })
---```
---@param b limn.array|table
---@param rcond? number singular values below rcond times the largest count as 0 (default rounding of the dtype)
---@return limn.array x
---@return integer rank
---@return limn.array s
function array:lstsq(b, rcond) end

---The inverse, and the reciprocal condition number of self. To solve equations use solve.
---Errors: nil, message when self is singular; raises when it is not square.
---```lua
---print(limn.array({ { 2, 0 }, { 0, 4 } }):inv())
---```
---@return limn.array
---@return number rcond
function array:inv() end

---The Moore-Penrose inverse.
---Errors: nil, message when it does not converge.
---```lua
---print(limn.array({ { 1, 2 } }):pinv())
---```
---@param rcond? number singular values of at most rcond times the largest count as 0 (default rounding of the dtype)
---@return limn.array
function array:pinv(rcond) end

---The determinant, the logarithm of its size, and its sign; the last two neither overflow nor underflow.
---Errors: raises when self is not square or not finite.
---```lua
---print(limn.array({ { 1, 2 }, { 3, 4 } }):det())
---```
---@return number
---@return number log_size
---@return integer sign
function array:det() end

---The condition number: the largest over the smallest singular value; inf for a singular matrix.
---Errors: nil, message when it does not converge.
---```lua
---print(limn.array({ { 1, 0 }, { 0, 4 } }):cond())
---```
---@return number
function array:cond() end

---Eigenvalues re + i im and eigenvectors v_re + i v_im (columns of length 1) of any square matrix. For a symmetric one
---use eigh.
---Errors: nil, message when it does not converge; raises when self is not square.
---```lua
---local re, im, v_re, v_im = limn.array({ { 0, -1 }, { 1, 0 } }):eig()
---print(re, im)
---```
---@return limn.array re
---@return limn.array im
---@return limn.array v_re
---@return limn.array v_im
function array:eig() end

---The matrix exponential (Higham 2005: scaling, a Pade approximant, squaring).
---Errors: raises when self is not square or not finite.
---```lua
---print(limn.zeros(2, 2):expm())
---```
---@return limn.array
function array:expm() end

---The k-th diagonal of a matrix as a view (k > 0 above the main one); the matrix with a vector there.
---Errors: raises for a stack.
---```lua
---print(limn.array({ { 1, 2 }, { 3, 4 } }):diag(), limn.array({ 5, 6 }):diag())
---```
---@param k? integer (default 0)
---@return limn.array
function array:diag(k) end

---The sum of the k-th diagonal.
---Errors: raises when self is not a matrix.
---```lua
---print(limn.eye(3):trace())
---```
---@param k? integer (default 0)
---@return number
function array:trace(k) end

---The matrix x_i b_j of two vectors.
---Errors: raises when one is not a vector.
---```lua
---print(limn.array({ 1, 2 }):outer { 3, 4 })
---```
---@param b limn.array|table
---@return limn.array
function array:outer(b) end

---The Kronecker product of two matrices: block (i, j) is x_ij b.
---Errors: raises when one is not a matrix.
---```lua
---print(limn.eye(2):kron { { 1, 2 } })
---```
---@param b limn.array|table
---@return limn.array
function array:kron(b) end

---The covariances of the columns; of a vector, or of two, a number.
---Errors: raises when the lengths of two vectors differ.
---```lua
---print(limn.array({ { 1, 2 }, { 2, 4 }, { 3, 7 } }):cov(), limn.array({ 1, 2, 3 }):cov { 2, 4, 7 })
---```
---@param b? limn.array|table
---@param ddof? number the divisor is n - ddof (default 1)
---@return limn.array|number
function array:cov(b, ddof) end

---The correlations of the columns; of two vectors a number. nan for a constant column.
---Errors: raises when the lengths of two vectors differ.
---```lua
---print(limn.array({ 1, 2, 3 }):corrcoef { 2, 4, 7 })
---```
---@param b? limn.array|table
---@return limn.array|number
function array:corrcoef(b) end

---The Walsh-Hadamard transform along a dimension of 2^n entries: y_s = sum_x f_x (-1)^(number of bits that x and s
---share), x and s counted from 0. Divided by 2^n it is the spectrum of a function on n bits; twice it is 2^n times self.
---Errors: raises when the number of entries is not a power of 2.
---```lua
---local parity = limn.array { 1, -1, -1, 1 } -- of two bits
---print(parity:walsh() / 4)
---```
---@param dim? integer (default the last)
---@return limn.array
function array:walsh(dim) end

---u, s, vt with self = u diag(s) vt, s descending; the thin form.
---Errors: nil, message when it does not converge.
---Source: LAPACK dgesdd (eq. 44).
---```lua
---local u, s, vt = limn.array({ { 3, 0 }, { 0, 4 } }):svd()
---print(s)
---```
---@return limn.array u rows x k, k = the smaller dimension
---@return limn.array s k numbers
---@return limn.array vt k x columns
function array:svd() end

---Eigenvalues (ascending) and eigenvectors (columns) of a symmetric matrix.
---Errors: raises when it is not square or not symmetric; nil, message when it does not converge.
---Source: LAPACK dsyevd (eq. 44).
---```lua
---local w, v = limn.array({ { 2, 1 }, { 1, 2 } }):eigh()
---print(w)
---```
---@return limn.array w n numbers
---@return limn.array v n x n
function array:eigh() end

---q with orthonormal columns and r upper triangular, self = q r.
---Errors: raises when self is not a matrix.
---Source: LAPACK dgeqrf (Householder) (eq. 44).
---```lua
---local q, r = limn.array({ { 1, 2 }, { 3, 4 } }):qr()
---print(q:matmul(r))
---```
---@return limn.array q
---@return limn.array r
function array:qr() end

---The lower triangle l with self = l l' of a symmetric positive definite matrix.
---Errors: nil, message when it is not positive definite; raises when it is not symmetric.
---Source: LAPACK dpotrf (eq. 44).
---```lua
---print(limn.array({ { 4, 0 }, { 0, 9 } }):chol())
---```
---@return limn.array l
function array:chol() end
