"""Blocks: kept once, told at once, and listed for nobody but their maker."""

import asyncio

from meetmates.safety.blocks import Block
from tests.safety.station import Station
from tests.support.clock import NOON


async def test_a_block_is_kept_and_told(station: Station) -> None:
    await station.blocks.block("ana", "mallory")
    assert await station.blocks.blocks_of("ana") == [Block("mallory", NOON)]
    assert await station.announced() == [("block", "ana mallory")]
    assert station.wakes == 1


async def test_a_block_remembers_the_name_of_the_first_time(station: Station) -> None:
    await station.blocks.block("ana", "mallory", "Otter")
    await station.blocks.block("ana", "mallory", "Heron")
    assert await station.blocks.blocks_of("ana") == [Block("mallory", NOON, "Otter")]


async def test_a_second_one_changes_nothing(station: Station) -> None:
    await station.blocks.block("ana", "mallory")
    station.clock.advance(60)
    await station.blocks.block("ana", "mallory")
    assert await station.blocks.blocks_of("ana") == [Block("mallory", NOON)]
    assert await station.announced() == [("block", "ana mallory")]


async def test_many_at_once_are_one(station: Station) -> None:
    await asyncio.gather(*(station.blocks.block("ana", "mallory") for _ in range(10)))
    assert len(await station.blocks.blocks_of("ana")) == 1


async def test_each_sees_only_their_own_the_newest_first(station: Station) -> None:
    for blocked in ("one", "two", "three"):
        await station.blocks.block("ana", blocked)
        station.clock.advance(1)
    await station.blocks.block("three", "ana")
    assert [block.blocked for block in await station.blocks.blocks_of("ana")] == ["three", "two", "one"]
    assert [block.blocked for block in await station.blocks.blocks_of("three")] == ["ana"]
    assert await station.blocks.blocks_of("one") == []
