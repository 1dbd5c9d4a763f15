"""What two strangers call each other: two names for each chat, made from a number and nothing else.

The words mean no more than they say in English: nothing rude, nobody's own name, no gender, no creed, no party.
"""

_ADJECTIVES = """
    Agile Alert Bold Brave Breezy Bright Brisk Calm Careful Caring Cheerful Clever Cosy Crisp Curious Dreamy
    Eager Earnest Friendly Gentle Glad Gleaming Graceful Grateful Happy Helpful Honest Hopeful Humble Jaunty
    Jolly Keen Kind Lively Lucky Mellow Mindful Modest Neat Nimble Patient Peaceful Placid Playful Plucky Polite
    Quick Quiet Serene Sincere Sparkling Spirited Steady Swift Thoughtful Tidy Upbeat Wandering Witty Zesty
"""
_NOUNS = """
    Acorn Alpaca Apricot Badger Bamboo Bicycle Birch Breeze Bumblebee Canyon Cello Cloud Comet Compass Dolphin
    Dragonfly Finch Firefly Flamingo Gazelle Gecko Giraffe Glacier Hamster Harbour Hedgehog Heron Island Kettle
    Kingfisher Kite Koala Lagoon Lantern Lighthouse Mango Maple Marmot Meadow Meerkat Meteor Nebula Otter Pebble
    Pelican Pencil Penguin Planet Puffin Puzzle Sailboat Seahorse Sparrow Squirrel Starfish Teapot Thistle
    Tortoise Turtle Violin
"""
ADJECTIVES = tuple(_ADJECTIVES.split())
NOUNS = tuple(_NOUNS.split())
PAIRS = len(ADJECTIVES) * (len(ADJECTIVES) - 1) * len(NOUNS) * (len(NOUNS) - 1)  # of names that share no word


def names_of(number: int) -> tuple[str, str]:
    """The two names of a chat, from a `number` below `PAIRS` that is drawn anew for each. They differ in both words."""
    number, adjective = divmod(number, len(ADJECTIVES))
    number, other_adjective = divmod(number, len(ADJECTIVES) - 1)
    other_noun, noun = divmod(number, len(NOUNS))
    other_adjective += other_adjective >= adjective
    other_noun += other_noun >= noun
    return f"{ADJECTIVES[adjective]} {NOUNS[noun]}", f"{ADJECTIVES[other_adjective]} {NOUNS[other_noun]}"
