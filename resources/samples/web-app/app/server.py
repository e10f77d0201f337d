"""Serves the guest book on $PORT."""

import os

from bottle import Bottle, redirect, request, run, template

from app.guest_book import GuestBook

app = Bottle()
book = GuestBook(limit=50)


@app.get("/")
def show():
    return template("app/templates/guest_book.tpl", entries=book.entries())


@app.post("/")
def sign():
    book.sign(request.forms.getunicode("name", ""))
    redirect("/")


@app.get("/health")
def health():
    return {"status": "well", "entries": len(book.entries())}


if __name__ == "__main__":
    run(app, host="0.0.0.0", port=int(os.environ.get("PORT", "8000")))
