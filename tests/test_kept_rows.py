"""What lists keep of each row has a bound, and a row is made once as long as it is kept."""

from ecosystem.kept_rows import Kept


def doubled(keys):
    doubled.asked += keys
    return {key: 2 * key for key in keys if key < 100}


def test_kept_rows_are_made_once_and_told_in_order():
    doubled.asked, kept = [], Kept(10)
    assert kept.told([3, 1], doubled) == [6, 2]
    assert kept.told([1, 200, 2, 3], doubled) == [2, 4, 6], "who is gone is left out"
    assert doubled.asked == [3, 1, 200, 2]


def test_kept_rows_never_exceed_their_bound():
    doubled.asked, kept = [], Kept(5)
    for start in range(0, 40, 2):
        keys = [start + 3, start + 1, start + 2]
        assert kept.told(keys, doubled) == [2 * key for key in keys]
        assert len(kept) <= 5


def test_kept_rows_without_some_leave_the_old_ones_whole():
    doubled.asked, kept = [], Kept(5)
    kept.told([1, 2, 3], doubled)
    assert kept.without({2, 9}) == {1: 2, 3: 6}
    assert kept.keys() == {1, 2, 3}
