"""The thin helper package of the deep RL course; each module stands on its own."""
