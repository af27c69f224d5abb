"""Archives packed the same everywhere: what goes in comes out, and no date or trace of a machine stays."""

import io
import zipfile

from repool import packed


def archive(members, *, date=(2024, 5, 6, 7, 8, 10), system=0):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as made:
        for name, content in members.items():
            entry = zipfile.ZipInfo(name, date)
            entry.create_system, entry.external_attr = system, 0o600 << 16
            made.writestr(entry, content)
    return buffer.getvalue()


MEMBERS = {"z.xml": b"<z/>" * 100, "a/b.png": bytes(range(256))}


def test_members_come_out_as_they_went_in_and_in_their_order():
    found = packed.members(packed.repack(archive(MEMBERS)))
    assert list(found.items()) == list(MEMBERS.items())


def test_date_and_system_of_the_packing_machine_leave_no_trace():
    one, other = archive(MEMBERS), archive(MEMBERS, date=(1999, 1, 1, 0, 0, 0), system=3)
    assert one != other
    assert packed.repack(one) == packed.repack(other)
    with zipfile.ZipFile(io.BytesIO(packed.repack(one))) as made:
        assert {(entry.date_time, entry.create_system) for entry in made.infolist()} == {((1980, 1, 1, 0, 0, 0), 3)}


def test_broken_archive_is_told_from_a_whole_one():
    content = packed.repack(archive(MEMBERS))
    place = content.index(b"z.xml") + len(b"z.xml") + 3
    broken = content[:place] + bytes([content[place] ^ 0xFF]) + content[place + 1 :]
    assert packed.is_whole(content)
    assert not packed.is_whole(broken)
    assert not packed.is_whole(content[:40])
    assert not packed.is_whole(b"no archive")
