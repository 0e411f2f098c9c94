/* plan.c: limn_mlp_plan_new, limn_mlp_plan_run, limn_mlp_train. A plan checks its arguments once,
 * chooses the algorithm and keeps what the algorithm allocates. An algorithm may keep parameters
 * and moments in a layout of its own; they return to the net at the next limn_mlp_settle. */
#include "num/mlp/train/plan.h"

/* A net has diverged if its loss exceeds both DIVERGED max(1, mean y^2), and GROWTH times the
 * largest loss of the nets at their start, which is large for inputs in natural units. */
static const double DIVERGED = 1e9, GROWTH = 1e6;

static void store(limn_mlp_holder *holder) {
  limn_mlp_plan *plan = (limn_mlp_plan *)holder; /* its first member */
  plan->algorithm->keeper->store(plan->state);
}

/* Fills *plan, which borrows x, y and the rule's lists. */
static limn_status begin(limn_mlp_plan *plan, limn_mlp *net, const double *x, const double *y,
                         size_t points, const limn_mlp_rule *rule, limn_err *err) {
  plan->rule = *rule;
  limn_status st = limn_mlp_check_points(net, x, points, err);
  if (!st) st = limn_mlp_check_rule(net, rule, points, err);
  size_t labels = rule->own_targets ? net->spec.count * points : points;
  if (!st) st = limn_mlp_check_labels(net, y, labels, rule->loss, err);
  if (st) return st;
  size_t numbers = points * net->spec.sizes[net->spec.layers];
  for (size_t j = 0; j < numbers; j++) plan->square += y[j] * y[j] / (double)points;
  plan->work = limn_mlp_work_of(net, &plan->rule, points);
  plan->work.x = x, plan->work.y = y;
  if (net->spec.start == LIMN_START_NONE)
    st = limn_mlp_start_outputs(&plan->offset, net, x, points, err);
  plan->work.offset = plan->offset;
  if (st) return st;
  plan->algorithm = limn_mlp_choose(&plan->work);
  if (plan->algorithm->keeper) st = plan->algorithm->keeper->begin(&plan->state, &plan->work, err);
  if (st) return limn_free(plan->offset), plan->offset = NULL, st;
  plan->holder = (limn_mlp_holder){.net = net, .next = net->holders, .store = store};
  net->holders = &plan->holder;
  return LIMN_OK;
}

static void end(limn_mlp_plan *plan) {
  if (plan->holder.net) {
    limn_mlp_settle(plan->holder.net);
    limn_mlp_holder **at = &plan->holder.net->holders;
    while (*at != &plan->holder) at = &(*at)->next;
    *at = plan->holder.next;
  }
  if (plan->state) plan->algorithm->keeper->end(plan->state);
  limn_free(plan->offset);
  for (size_t k = 0; k < sizeof plan->copies / sizeof *plan->copies; k++)
    limn_free(plan->copies[k]);
}

/* Another algorithm, where the one in use no longer fits: a batch is one for all lanes only while
 * all nets have made equally many steps. */
static limn_status choose_again(limn_mlp_plan *plan, limn_err *err) {
  const limn_mlp_algorithm *now = limn_mlp_choose(&plan->work);
  if (now == plan->algorithm) return LIMN_OK;
  void *state = NULL;
  limn_mlp_settle(plan->holder.net);
  limn_status st = now->keeper ? now->keeper->begin(&state, &plan->work, err) : LIMN_OK;
  if (st) return st;
  if (plan->state) plan->algorithm->keeper->end(plan->state);
  plan->algorithm = now, plan->state = state, plan->changes = UINT64_MAX;
  return LIMN_OK;
}

static limn_status run(limn_mlp_plan *plan, limn_mlp_outcome *outcome, const limn_token *token,
                       limn_err *err) {
  limn_mlp *net = plan->holder.net;
  limn_mlp_work *work = &plan->work;
  limn_mlp_moments before;
  if (plan->changes != net->changes) limn_mlp_settle(net); /* another plan has the nets */
  limn_status st = choose_again(plan, err);
  if (!st) st = limn_mlp_measure_start(net, work->x, work->y, work->points, plan->rule.loss, err);
  if (!st) st = limn_mlp_prepare_moments(&before, net, plan->rule.optimizer, err);
  if (st) return st;
  if (before.fresh) net->changes++;
  for (size_t r = 0; r < net->spec.count; r++) outcome[r] = (limn_mlp_outcome){.loss = NAN};
  bool stopped = false;
  work->outcome = outcome, work->token = token, work->stopped = &stopped;
  work->limit = DIVERGED * fmax(1, plan->square);
  if (!isnan(net->start_loss)) work->limit = fmax(work->limit, GROWTH * net->start_loss);
  if (plan->rule.loss == LIMN_LOSS_LINEAR)
    work->limit = INFINITY; /* unbounded, in both directions */
  work->unchanged = plan->changes == net->changes;
  st = plan->algorithm->keeper ? plan->algorithm->keeper->run(plan->state, err)
                               : plan->algorithm->train(work, err);
  bool trained = false, diverged = false;
  for (size_t r = 0; r < net->spec.count; r++)
    trained |= outcome[r].steps > 0, diverged |= outcome[r].reason == LIMN_MLP_DIVERGED;
  limn_mlp_end_moment_change(&before, net, st == LIMN_ENOMEM && !trained);
  for (size_t r = 0; r < net->spec.count; r++) net->steps[r] += (uint64_t)outcome[r].steps;
  if (trained) net->changes++;
  if (trained && plan->algorithm->keeper && plan->algorithm->keeper->store)
    plan->holder.has_nets = true;
  plan->changes = net->changes;
  if (diverged) {
    limn_mlp_settle(net);
    if (limn_mlp_restore_overflowed(net, outcome)) net->changes++;
  }
  if (!st && (stopped || limn_cancelled(token))) st = limn_stopped(err);
  return st;
}

limn_status limn_mlp_train(limn_mlp *net, limn_mlp_outcome *outcome, const double *x,
                           const double *y, size_t points, const limn_mlp_rule *rule,
                           const limn_token *token, limn_err *err) {
  limn_mlp_plan plan = {.changes = UINT64_MAX};
  limn_mlp_settle(net);
  limn_status st = begin(&plan, net, x, y, points, rule, err);
  if (st) return st;
  st = run(&plan, outcome, token, err);
  end(&plan);
  return st;
}

/* A copy of n numbers that the plan owns, in *list if that is not NULL. */
static bool own(limn_mlp_plan *plan, size_t k, const double **list, size_t n) {
  if (!*list) return true;
  plan->copies[k] = limn_alloc(n, sizeof **list);
  if (!plan->copies[k]) return false;
  memcpy(plan->copies[k], *list, n * sizeof **list);
  *list = plan->copies[k];
  return true;
}

limn_status limn_mlp_plan_new(limn_mlp_plan **out, limn_mlp *net, const double *x, const double *y,
                              size_t points, const limn_mlp_rule *rule, limn_err *err) {
  limn_mlp_plan *plan = limn_alloc(1, sizeof *plan);
  if (!plan) return limn_nomem(err, "a plan", 1, sizeof *plan);
  limn_mlp_rule r = *rule;
  size_t count = net->spec.count, inputs = points * net->spec.sizes[0],
         labels = points * net->spec.sizes[net->spec.layers] * (r.own_targets ? count : 1);
  r.schedule = NULL, plan->changes = UINT64_MAX;
  bool copied = own(plan, 0, &x, inputs) && own(plan, 1, &y, labels) &&
                own(plan, 2, &r.net_rate, count) && own(plan, 3, &r.net_l2, count) &&
                own(plan, 4, &r.net_l1, count) && own(plan, 5, &r.net_decay, count) &&
                own(plan, 6, &r.skip, count);
  limn_mlp_settle(net);
  limn_status st = copied ? begin(plan, net, x, y, points, &r, err)
                          : limn_nomem(err, "the data of a plan", inputs + labels, sizeof *x);
  if (st) return limn_mlp_plan_free(plan), st;
  *out = plan;
  return LIMN_OK;
}

limn_status limn_mlp_plan_run(limn_mlp_plan *plan, limn_mlp_outcome *outcome, size_t steps,
                              const limn_token *token, limn_err *err) {
  if (!plan->holder.net)
    return limn_fail_argument(err, LIMN_EINVAL, "net", "was freed before its plan");
  plan->rule.steps = steps;
  return run(plan, outcome, token, err);
}

void limn_mlp_plan_free(limn_mlp_plan *plan) {
  if (!plan) return;
  end(plan);
  limn_free(plan);
}
