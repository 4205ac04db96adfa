"""Names that people can say and tell apart for runs, made from the run's id and nothing else."""

ADJECTIVES = (
    "able amber apt bold brave brief bright brisk calm civil clear clever cosy crisp deft eager early even fair fast "
    "fine firm fleet fond frank free fresh gentle glad golden grand great happy hardy honest humble jolly keen kind "
    "lively loyal lucky mellow merry mild modest neat nimble noble open patient plain plucky polite prime proud quick"
)
NOUNS = (
    "acorn alder aspen badger bay beech birch bison brook canyon cedar cliff clover comet coral cove crane creek delta "
    "dune eagle elm falcon fern field finch fjord forest fox glade grove gull harbor hare hawk heath heron hill holly "
    "ibis iris island juniper lake lark laurel linden lotus lynx maple marsh meadow mesa mint moss oak olive orchid"
)
_ADJECTIVES, _NOUNS = ADJECTIVES.split(), NOUNS.split()


def run_name(run_id: str) -> str:
    """`brisk-heron-4f2a`: the same for the same id; two runs of one project hardly ever share it."""
    tail = int(run_id[16:], 16)
    return f"{_pick(_ADJECTIVES, tail)}-{_pick(_NOUNS, tail >> 16)}-{run_id[-4:]}"


def _pick(words: list[str], number: int) -> str:
    return words[number % len(words)]
