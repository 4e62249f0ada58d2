from collections import Counter
from datetime import timedelta

from django.core.management.base import BaseCommand, CommandError

from ecosystem import links
from ecosystem.models import Source


class Command(BaseCommand):
    help = (
        "Ask each source's address whether it still answers, and note: works, moved, blocks robots, does "
        "not answer, or gone (not found three times over seven days). Fails if not one address answered: "
        "then this machine is off the net, and nothing is noted. Meant to run daily."
    )

    def add_arguments(self, parser):
        parser.add_argument("--limit", type=whole(1), metavar="N", help="Look at so many at most.")
        parser.add_argument(
            "--older-than",
            type=whole(0),
            default=3,
            metavar="DAYS",
            help="Leave out what was looked at since. Default: 3.",
        )
        parser.add_argument("--threads", type=whole(1), default=8, help="Hosts at once. Default: 8.")
        parser.add_argument(
            "--pause", type=float, default=2, help="Seconds between two requests to one host. Default: 2."
        )
        parser.add_argument(
            "--timeout", type=float, default=15, help="Seconds to wait for an answer. Default: 15."
        )

    def handle(self, *, limit, older_than, threads, pause, timeout, **options):
        sources = links.due(timedelta(days=older_than))[:limit]
        waiting, states, is_online = [], Counter(), False
        for found in links.look_at_all(sources, threads=threads, pause=pause, timeout=timeout):
            waiting.append(found)
            # Until one answers, the fault may be ours.
            is_online = is_online or found[1].is_answer
            while is_online and waiting:
                states[self.note(*waiting.pop())] += 1
        if waiting:
            raise CommandError(f"None of {len(waiting)} addresses answered: is this machine online?")
        counts = [f"{states[state]} {state.label.lower()}" for state in Source.LinkState if states[state]]
        self.stdout.write(f"{states.total()} looked at" + (f": {', '.join(counts)}." if counts else "."))

    def note(self, source, finding):
        state = links.note(source, finding)
        if finding.state is None or state not in (source.link_state, Source.LinkState.OK):
            self.stdout.write(f"{source.key}: {finding.detail} ({Source.LinkState(state).label.lower()})")
        return state


def whole(least):
    """An argument type: a whole number from `least` on."""

    def number(text):
        if (value := int(text)) < least:
            raise ValueError
        return value

    number.__name__ = f"whole number from {least} on"
    return number
