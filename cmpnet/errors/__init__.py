"""Every error message, by subject.

Each function of the modules here returns a :class:`CmpnetError`. Its text is one sentence, or two,
that says what was given, what is allowed and what to do next. The command line prints the text and
exits with the error's ``exit_code``.
"""

from cmpnet.errors.arms import *
from cmpnet.errors.checkpoints import *
from cmpnet.errors.comparisons import *
from cmpnet.errors.data import *
from cmpnet.errors.files import *
from cmpnet.errors.kinds import *
from cmpnet.errors.names import *
from cmpnet.errors.own_files import *
from cmpnet.errors.reproduction import *
from cmpnet.errors.store import *
from cmpnet.errors.training import *
from cmpnet.errors.wording import *
