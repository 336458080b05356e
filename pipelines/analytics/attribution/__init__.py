"""Attribution: which touchpoints earned a conversion. Arrays in, credits out.

    journeys.py   a stream of people's events, in order, becomes distinct paths and how often each was walked
    rules.py      first, last, linear, position based, time decay
    markov.py     removal effects of a Markov chain of order 1 to 4
    shapley.py    Shapley values
    models.py     all of them side by side

Every model's credits sum to what it was given: conversions, or revenue, of the paths with a touchpoint. Conversions
without one are `unassigned` and stay a figure of their own.
"""
