"""What can an operator set? Fields, where their values come from, and what cannot be: a file each, known by these names."""

from poolkeeper.settings.doubts import doubts as doubts
from poolkeeper.settings.doubts import refuse_misspelt as refuse_misspelt
from poolkeeper.settings.fields import DEFAULTS as DEFAULTS
from poolkeeper.settings.fields import FORMER as FORMER
from poolkeeper.settings.fields import HELP as HELP
from poolkeeper.settings.fields import NAMES as NAMES
from poolkeeper.settings.fields import PREFIX as PREFIX
from poolkeeper.settings.fields import TYPES as TYPES
from poolkeeper.settings.fields import Settings as Settings
from poolkeeper.settings.fields import SettingsError as SettingsError
from poolkeeper.settings.showing import shown as shown
from poolkeeper.settings.showing import without_password as without_password
from poolkeeper.settings.sources import load as load
from poolkeeper.settings.sources import renamed as renamed
