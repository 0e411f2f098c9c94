# limn.bash: bash completion for limn: commands, scripts, and the options of experiments.
_limn() {
  local word=${COMP_WORDS[COMP_CWORD]} first=${COMP_WORDS[1]} previous=${COMP_WORDS[COMP_CWORD-1]} file
  local options="--set --grid --zip --reps --workers --seed --shard --store --base --costs --time-limit --grace --retry --cell-time --cell-memory --out --only --row --format \
    --help --quiet --dry-run --json --fail-fast --keep-going --partial --resume --fresh --plot-only --stale --no-check --yes"
  COMPREPLY=()
  scripts() {
    while IFS= read -r file; do
      if [ -d "$file" ]; then COMPREPLY+=("$file/"); elif [[ $file == *.lua || $file == *.ipynb ]]; then COMPREPLY+=("$file"); fi
    done < <(compgen -f -- "$word")
  }
  files() { while IFS= read -r file; do COMPREPLY+=("$file"); done < <(compgen -f -- "$word"); }
  words() { while IFS= read -r file; do COMPREPLY+=("$file"); done < <(compgen -W "$1" -- "$word"); }
  if [ "$COMP_CWORD" = 1 ]; then
    case $word in
      -*) words "-e -i -l -v -E -W --version --sandbox --help" ;;
      *) words "new store rerun slurm jupyter docs cite"; scripts ;;
    esac
    return
  fi
  case $first in
    store) if [ "$COMP_CWORD" = 2 ]; then words "ls show watch status failed export rerun merge recover"
           else case $word in
             -*) case ${COMP_WORDS[2]} in
                   export) words "--csv --json --npz" ;;
                   merge) words "--shards --json" ;;
                   status) words "--every --json" ;;
                   watch) words "--every" ;;
                   rerun) words "--script --yes --changed --json" ;;
                   ls|show|failed) words "--json" ;;
                 esac ;;
             *) files ;;
           esac; fi ;;
    slurm) case $word in -*) words "--time --tasks --pack --costs --cpus --partition --account --qos --mem --gres --constraint \
      --sbatch --module --setup --throttle --max-array --resubmit --out --limn $options" ;; *) scripts ;; esac ;;
    jupyter|kernel) if [ "$COMP_CWORD" = 2 ]; then words "install run"; else case $word in -*) words "--user --prefix" ;; *) files ;; esac; fi ;;
    rerun) case $word in -*) words "--in --json" ;; *) files ;; esac ;;
    cite) scripts ;;
    docs) files ;;
    new) ;;
    *) case $previous in
         --workers) words "all 0 1 2 4 8" ;;
         --store|--base|--costs|--out) files ;;
         *) case $word in -*) words "$options" ;; *) files ;; esac ;;
       esac ;;
  esac
}
complete -F _limn limn
