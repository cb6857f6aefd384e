"""What are the settings of a managed login style where nobody set any? Cognito's own document, member by member.

Source: what AWS's acceptance tests of Terraform's provider hold as the whole document (hashicorp/terraform-provider-aws,
managed_login_branding_test.go); oauth-federation.md 5. Colours are eight hexadecimal digits, the last two the opacity.
"""

from typing import Any

_Document = dict[str, Any]


def _modes(light: _Document, dark: _Document) -> _Document:
    return {"lightMode": light, "darkMode": dark}


def _text(color: str) -> _Document:
    return {"textColor": color}


def _filled(background: str, text: str) -> _Document:
    return {"backgroundColor": background, "textColor": text}


def _edged(background: str, border: str, text: str) -> _Document:
    return {"backgroundColor": background, "borderColor": border, "textColor": text}


def _ground(background: str, border: str) -> _Document:
    return {"backgroundColor": background, "borderColor": border}


def _status(error: _Document, success: _Document, warning: _Document) -> _Document:
    return {"error": error, "pending": {"indicatorColor": "AAAAAAAA"}, "success": success, "warning": warning}


def _notice_colors(background: str, color: str) -> _Document:
    return {"backgroundColor": background, "borderColor": color, "indicatorColor": color}


def _bar() -> _Document:
    return {
        "backgroundImage": {"enabled": False},
        "logo": {"enabled": False, "location": "START"},
        **_modes(
            {"background": {"color": "fafafaff"}, "borderColor": "d5dbdbff"},
            {"background": {"color": "0f141aff"}, "borderColor": "424650ff"},
        ),
    }


_DISABLED = {"backgroundColor": "ffffffff", "borderColor": "ffffffff"}
_HOVER_LIGHT, _HOVER_DARK = _edged("f2f8fdff", "033160ff", "033160ff"), _edged("192534ff", "89bdeeff", "89bdeeff")
_ACTIVE_LIGHT, _ACTIVE_DARK = _edged("d3e7f9ff", "033160ff", "033160ff"), _edged("354150ff", "89bdeeff", "89bdeeff")

_CATEGORIES: _Document = {
    "auth": {
        "authMethodOrder": [
            [{"display": "BUTTON", "type": "FEDERATED"}, {"display": "INPUT", "type": "USERNAME_PASSWORD"}]
        ],
        "federation": {"interfaceStyle": "BUTTON_LIST", "order": []},
    },
    "form": {
        "displayGraphics": True,
        "instructions": {"enabled": False},
        "languageSelector": {"enabled": False},
        "location": {"horizontal": "CENTER", "vertical": "CENTER"},
        "sessionTimerDisplay": "NONE",
    },
    "global": {
        "colorSchemeMode": "LIGHT",
        "pageFooter": {"enabled": False},
        "pageHeader": {"enabled": False},
        "spacingDensity": "REGULAR",
    },
    "signUp": {"acceptanceElements": [{"enforcement": "NONE", "textKey": "en"}]},
}

_CLASSES: _Document = {
    "buttons": {"borderRadius": 8.0},
    "divider": _modes({"borderColor": "ebebf0ff"}, {"borderColor": "232b37ff"}),
    "dropDown": {
        "borderRadius": 8.0,
        **_modes(
            {
                "defaults": {"itemBackgroundColor": "ffffffff"},
                "hover": {
                    "itemBackgroundColor": "f4f4f4ff",
                    "itemBorderColor": "7d8998ff",
                    "itemTextColor": "000716ff",
                },
                "match": {"itemBackgroundColor": "414d5cff", "itemTextColor": "0972d3ff"},
            },
            {
                "defaults": {"itemBackgroundColor": "192534ff"},
                "hover": {
                    "itemBackgroundColor": "081120ff",
                    "itemBorderColor": "5f6b7aff",
                    "itemTextColor": "e9ebedff",
                },
                "match": {"itemBackgroundColor": "d1d5dbff", "itemTextColor": "89bdeeff"},
            },
        ),
    },
    "focusState": _modes({"borderColor": "0972d3ff"}, {"borderColor": "539fe5ff"}),
    "idpButtons": {"icons": {"enabled": True}},
    "input": {
        "borderRadius": 8.0,
        **_modes(
            {"defaults": _ground("ffffffff", "7d8998ff"), "placeholderColor": "5f6b7aff"},
            {"defaults": _ground("0f1b2aff", "5f6b7aff"), "placeholderColor": "8d99a8ff"},
        ),
    },
    "inputDescription": _modes(_text("5f6b7aff"), _text("8d99a8ff")),
    "inputLabel": _modes(_text("000716ff"), _text("d1d5dbff")),
    "link": _modes(
        {"defaults": _text("0972d3ff"), "hover": _text("033160ff")},
        {"defaults": _text("539fe5ff"), "hover": _text("89bdeeff")},
    ),
    "optionControls": _modes(
        {
            "defaults": _ground("ffffffff", "7d8998ff"),
            "selected": {"backgroundColor": "0972d3ff", "foregroundColor": "ffffffff"},
        },
        {
            "defaults": _ground("0f1b2aff", "7d8998ff"),
            "selected": {"backgroundColor": "539fe5ff", "foregroundColor": "000716ff"},
        },
    ),
    "statusIndicator": _modes(
        _status(
            _notice_colors("fff7f7ff", "d91515ff"),
            _notice_colors("f2fcf3ff", "037f0cff"),
            _notice_colors("fffce9ff", "8d6605ff"),
        ),
        _status(
            _notice_colors("1a0000ff", "eb6f6fff"),
            _notice_colors("001a02ff", "29ad32ff"),
            _notice_colors("1d1906ff", "e0ca57ff"),
        ),
    ),
}

_COMPONENTS: _Document = {
    "alert": {
        "borderRadius": 12.0,
        **_modes({"error": _ground("fff7f7ff", "d91515ff")}, {"error": _ground("1a0000ff", "eb6f6fff")}),
    },
    "favicon": {"enabledTypes": ["ICO", "SVG"]},
    "form": {
        "backgroundImage": {"enabled": False},
        "borderRadius": 8.0,
        "logo": {"enabled": False, "formInclusion": "IN", "location": "CENTER", "position": "TOP"},
        **_modes(_ground("ffffffff", "c6c6cdff"), _ground("0f1b2aff", "424650ff")),
    },
    "idpButton": {
        "custom": {},
        "standard": _modes(
            {"active": _ACTIVE_LIGHT, "defaults": _edged("ffffffff", "424650ff", "424650ff"), "hover": _HOVER_LIGHT},
            {"active": _ACTIVE_DARK, "defaults": _edged("0f1b2aff", "c6c6cdff", "c6c6cdff"), "hover": _HOVER_DARK},
        ),
    },
    "pageBackground": {"image": {"enabled": True}, **_modes({"color": "ffffffff"}, {"color": "0f1b2aff"})},
    "pageFooter": _bar(),
    "pageHeader": _bar(),
    "pageText": _modes(
        {"bodyColor": "414d5cff", "descriptionColor": "414d5cff", "headingColor": "000716ff"},
        {"bodyColor": "b6bec9ff", "descriptionColor": "b6bec9ff", "headingColor": "d1d5dbff"},
    ),
    "phoneNumberSelector": {"displayType": "TEXT"},
    "primaryButton": _modes(
        {
            "active": _filled("033160ff", "ffffffff"),
            "defaults": _filled("0972d3ff", "ffffffff"),
            "disabled": _DISABLED,
            "hover": _filled("033160ff", "ffffffff"),
        },
        {
            "active": _filled("539fe5ff", "000716ff"),
            "defaults": _filled("539fe5ff", "000716ff"),
            "disabled": _DISABLED,
            "hover": _filled("89bdeeff", "000716ff"),
        },
    ),
    "secondaryButton": _modes(
        {"active": _ACTIVE_LIGHT, "defaults": _edged("ffffffff", "0972d3ff", "0972d3ff"), "hover": _HOVER_LIGHT},
        {"active": _ACTIVE_DARK, "defaults": _edged("0f1b2aff", "539fe5ff", "539fe5ff"), "hover": _HOVER_DARK},
    ),
}

DEFAULTS: _Document = {"categories": _CATEGORIES, "componentClasses": _CLASSES, "components": _COMPONENTS}
