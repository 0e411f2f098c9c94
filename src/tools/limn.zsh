#compdef limn
# limn.zsh: zsh completion for limn, which is that for bash; both are installed under share.
autoload -Uz bashcompinit && bashcompinit
source ${functions_source[_limn]:A:h:h:h}/bash-completion/completions/limn # defines _limn anew
_bash_complete -F _limn limn
