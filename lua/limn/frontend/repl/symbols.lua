-- limn/frontend/repl/symbols.lua: completion of \alpha and the like, for strings and labels; Lua's names are ASCII.

local symbols = {}

for name, character in ([[
alpha α beta β gamma γ delta δ epsilon ε zeta ζ eta η theta θ iota ι kappa κ lambda λ mu μ nu ν xi ξ pi π rho ρ sigma σ
tau τ upsilon υ phi φ chi χ psi ψ omega ω Gamma Γ Delta Δ Theta Θ Lambda Λ Xi Ξ Pi Π Sigma Σ Phi Φ Psi Ψ Omega Ω
infty ∞ partial ∂ nabla ∇ sum ∑ prod ∏ int ∫ sqrt √ pm ± times × cdot · leq ≤ geq ≥ neq ≠ approx ≈ sim ∼ propto ∝ to →
leftarrow ← in ∈ forall ∀ exists ∃ ell ℓ hbar ℏ deg ° dots …
^0 ⁰ ^1 ¹ ^2 ² ^3 ³ ^4 ⁴ ^5 ⁵ ^6 ⁶ ^7 ⁷ ^8 ⁸ ^9 ⁹ _0 ₀ _1 ₁ _2 ₂ _3 ₃ _4 ₄ _5 ₅ _6 ₆ _7 ₇ _8 ₈ _9 ₉
]]):gmatch "(%S+)%s+(%S+)" do
  symbols[name] = character
end

return symbols
