"""What does a person do on a pool's pages? They go by headings, labels and buttons, as they are read or heard."""

import re

from playwright.sync_api import Page, expect

from clients.serving import Server, code_for

PASSWORD = "Walk-The-Pages-1"


def sign_up(page: Page, server: Server, pool_id: str, address: str, password: str = PASSWORD) -> None:
    """Make an account from the sign-in page on, with the code that comes by mail."""
    page.get_by_role("link", name="Create an account").click()
    expect(page.get_by_role("heading", name="Create your account")).to_be_visible()
    page.get_by_label("Email address").fill(address)
    page.get_by_label(re.compile(r"^Password( \(optional\))?$")).fill(password)
    page.get_by_role("button", name="Create account").click()

    expect(page.get_by_role("heading", name="Confirm your email address")).to_be_visible()
    page.get_by_label("Code").fill(code_for(server, pool_id, address, "SignUp"))
    page.get_by_role("button", name="Confirm").click()


def sign_in(page: Page, name: str, password: str = PASSWORD) -> None:
    """Fill in name and password and send them, on one page or on two."""
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    page.get_by_label(re.compile("^(Email address|User name)")).fill(name)
    page.get_by_label("Password", exact=True).fill(password)
    page.get_by_role("button", name="Sign in", exact=True).click()
