from app.guest_book import GuestBook


def test_the_newest_guest_comes_first():
    book = GuestBook(limit=2)
    for name in ("Ada", "  ", "Grace", "Edsger"):
        book.sign(name)
    assert book.entries() == ["Edsger", "Grace"]
