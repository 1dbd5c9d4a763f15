from tests.safety.station import Station
import pytest
async def test_nul(station: Station) -> None:
    for bad in ("\0", "\ud800"):
        try:
            await station.reports.read(bad, "mod")
        except Exception as e:
            print(type(e), str(e)[:100])
