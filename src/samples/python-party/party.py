#!/usr/bin/env python3
"""A party of FedRec without .NET: what src/docs/reference/party-protocol.md says, in Python's standard library and NumPy.

    party.py join CODE --data orders.csv     makes the key here, and shows the coordinator that it has it
    party.py run                             does what it is asked, until Ctrl-C

The data (a CSV file with the columns user, item, timestamp) is read here and never sent. The private key stays in the party's folder; `openssl`
makes it and signs with it: arithmetic on it in Python would take more or less time with the key, and so tell of it.
"""
import argparse, base64, contextlib, csv, datetime, email.utils, fcntl, hashlib, http.client, json, os, pathlib, ssl, struct, subprocess, sys, time, urllib.parse, uuid
try: import numpy
except ModuleNotFoundError: sys.exit(f"party.py: NumPy is missing; install it: {sys.executable} -m pip install numpy, or apt install python3-numpy")

class Refused(Exception): """An order that this party will not follow; the text goes to the coordinator, and has nothing of the data in it."""
class Problem(Exception): status, retry_after = 0, 0  # the coordinator refuses a request; seconds
LOST = OSError, http.client.HTTPException  # nobody answers, or not to the end
LEAST = 2 ** 11  # what one client may add to a value of an update, at least
def openssl(*line, input=None): return subprocess.run(["openssl", *line], input=input, capture_output=True, check=True).stdout
def sha256(data): return hashlib.sha256(data).hexdigest()
def b64(data): return base64.b64encode(data).decode()
def b64url(data): return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
def read_word(text, prefix): return base64.urlsafe_b64decode(text.strip().removeprefix(prefix) + "==").decode()  # a code, or a notice of a move
def lines(*values): return "".join(f"{value}\n" for value in values).encode()  # what is signed
def path_of(update): return f"updates/{update['run']}/{update['round']}/{update['attempt']}"
def clients_of(order): return len(order["source"]["hosted"].get("chosen") or range(order["source"]["hosted"]["clients"]))  # who takes part
def is_safe(url): return url.startswith("https:") or urllib.parse.urlsplit(url).hostname in ("localhost", "127.0.0.1", "::1")
def say(words): print(words, file=sys.stderr, flush=True)

# --- key and signatures -------------------------------------------------------------------------------------------------
class Key:
    """P-256, in a file that only this user may read."""
    def __init__(self, folder, is_joining=False):
        self.path = path = os.path.join(folder, "key.pem")
        if not os.path.exists(path):
            if not is_joining: raise ValueError(f"{path} is not there: put it back from a copy. Another key is another party: the operator forgets this "
                                                "one (fedrec party forget) and invites it again, and it joins in another folder (--folder)")
            os.close(os.open(path + ".new", os.O_CREAT | os.O_WRONLY, 0o600))
            openssl("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", path + ".new")
            os.replace(path + ".new", path)  # a crash leaves a whole key, or none
        self.public = openssl("pkey", "-in", path, "-pubout", "-outform", "DER")  # SubjectPublicKeyInfo
    def sign(self, data):
        """ECDSA with SHA-256, as r and s of 32 bytes each; openssl writes them as a DER sequence of two integers."""
        der = openssl("dgst", "-sha256", "-sign", self.path, input=data)
        return b"".join(int.from_bytes(number, "big").to_bytes(32, "big") for number in (der[4:4 + der[3]], der[6 + der[3]:]))
    def fingerprint(self):  # eight words for the first eight bytes of the key's hash; the coordinator's operator sees the same
        words = pathlib.Path(__file__).with_name("words.txt").read_text().split()
        return "-".join(words[byte] for byte in hashlib.sha256(self.public).digest()[:8])

# --- the way to the coordinator -----------------------------------------------------------------------------------------
def connect(url, pin):
    """TLS to whoever has the key that the invitation names, if it names one: nothing is sent before that is sure."""
    if url.scheme != "https": return http.client.HTTPConnection(url.hostname, url.port or 80, timeout=60)
    context = ssl._create_unverified_context() if pin else ssl.create_default_context()  # with a pin its key is all that counts
    connection = http.client.HTTPSConnection(url.hostname, url.port or 443, timeout=60, context=context)
    connection.connect()
    pem = openssl("x509", "-inform", "DER", "-pubkey", "-noout", input=connection.sock.getpeercert(binary_form=True))
    if not pin or sha256(base64.b64decode(b"".join(pem.split(b"\n")[1:-2]))) == pin: return connection
    connection.close()
    raise ConnectionError("the coordinator's certificate has another key than the invitation says")

class Coordinator:
    """Requests of the party, each with a token that its key has signed, that is good once and for one address only."""
    def __init__(self, code, key):
        self.code, self.key, self.nonce, self.ahead, self.moves = code, key, "none", 0.0, code["moves"]
        self.url, self.who = urllib.parse.urlsplit(code["url"]), (code["federation"], code["server"], code["party"])
        self.prefix = f"/party/v1/{code['federation']}/{code['party']}/"
    def join(self):
        proof = self.key.sign(lines("fedrec-party-join-v1", *self.who, sha256(base64.b64decode(self.code["secret"])), sha256(self.key.public)))
        body = {"secret": self.code["secret"], "publicKey": b64(self.key.public), "proof": b64(proof)}
        return json.loads(self.ask("POST", "join", json.dumps(body).encode()))["fingerprint"]
    def report(self, users, interactions): self.ask("PUT", "report", json.dumps({"users": users, "sizeClass": interactions.bit_length()}).encode())
    def poll(self): return json.loads(self.ask("POST", "poll", b"", query="?wait=25") or b"null")
    def fetch(self, digest):
        content = self.ask("GET", f"content/{digest}")
        if sha256(content) != digest: raise ConnectionError(f"what came for the hash {digest} is something else; nothing was trained on it")
        return content
    def submit(self, order, update):
        of, signed = order["update"], ("baseVersion", "phase", "modelSha256", "catalogueSha256", "configSha256")
        statement = lines("fedrec-party-update-v1", *self.who, of["run"], of["round"], order["client"], of["attempt"], *(order[name] for name in signed), sha256(update))
        signature = {"FedRec-Signature": b64(self.key.sign(statement))}
        try: return json.loads(self.ask("PUT", path_of(of), update, signature))
        except LOST: time.sleep(1)  # it was cut off, and goes on where it ended
        there = json.loads(self.ask("GET", path_of(of)))["received"] % len(update)
        return json.loads(self.ask("PUT", path_of(of), update[there:], {**signature, "Content-Range": f"bytes {there}-{len(update) - 1}/{len(update)}"}))
    def refuse(self, order, reason): self.ask("POST", path_of(order["update"]) + "/refusal", json.dumps({"reason": reason}).encode())
    def evaluated(self, evaluation, sums): self.ask("PUT", f"evaluations/{evaluation}", sums)
    def ask(self, method, what, body=None, headers={}, query=""):
        """Once more where the token repeated no nonce of the server as it is now: so it is at the first request, and after its restart."""
        nonce = self.nonce
        try: return self.send(method, what, body, headers, query)
        except Problem as problem:
            if problem.status != 401 or self.nonce == nonce: raise
        return self.send(method, what, body, headers, query)
    def tell_of(self, notice):
        """Says once that the coordinator moves: what signed the notice is not checked here, so its owner decides."""
        number, url, pin, _ = read_word(notice, "fedrec-move-1-").split("\n")
        if int(number) > self.moves: say(f"the coordinator moves to {url}, and this party stays where it is. Ask the operator whether that is so; then end the party, "
                                         f'put "url": "{url}", "pin": "{pin}", "moves": {number} into the code in its party.json, and run it again')
        self.moves = max(int(number), self.moves)
    def token(self, method, path):
        now = int(time.time() + self.ahead)  # by the coordinator's clock
        claims = {"iss": self.who[2], "aud": f"fedrec-party-v1/{self.who[1]}/{self.who[0]}", "iat": now, "exp": now + 120,
                  "jti": uuid.uuid4().hex, "nonce": self.nonce, "htm": method, "htu": path}
        text = b64url(b'{"alg":"ES256","typ":"JWT"}') + "." + b64url(json.dumps(claims).encode())
        return text + "." + b64url(self.key.sign(text.encode()))
    def send(self, method, what, body, headers, query):
        headers = {"FedRec-Party-Version": "1", "Authorization": f"Bearer {self.token(method, self.prefix + what)}", **headers,
                   "Content-Type": f"application/{'json' if body and body[:1] == b'{' else 'octet-stream'}"}
        with contextlib.closing(connect(self.url, self.code["pin"])) as connection:
            connection.request(method, self.url.path.rstrip("/") + self.prefix + what + query, body, headers)
            answer = connection.getresponse()
            content = answer.read()
        self.nonce = answer.getheader("FedRec-Nonce", self.nonce)
        if notice := answer.getheader("FedRec-Moved"): self.tell_of(notice)
        if answer.getheader("Date"): self.ahead = email.utils.parsedate_to_datetime(answer.getheader("Date")).timestamp() - time.time()
        if answer.status < 300: return content
        is_own = answer.getheader("Content-Type", "").startswith("application/problem+json")  # and not a proxy's
        problem = Problem(json.loads(content)["detail"] if is_own else f"the address answers with {answer.status}, and not as a FedRec does")
        problem.status, problem.retry_after = answer.status, int(answer.getheader("Retry-After", "0"))
        raise problem

# --- data, and what is learned of it ------------------------------------------------------------------------------------
class Rows:
    """What the party's users did, each thing once, in the order of the file."""
    def __init__(self, path, has_many_users):
        self.users = {}
        with open(path, newline="") as file:
            for row in csv.DictReader(file):
                self.users.setdefault(row["user"] if has_many_users else "self", {})[row["item"], int(row["timestamp"])] = None
    def training(self, numbers, holds_out_validation):
        """Each user's items by number, but for those held out: the last by time for testing, and the one before it for validation."""
        for events in self.users.values():
            last = {}  # when each item was met last
            for place, (item, at) in enumerate(events):
                if item in numbers: last[numbers[item]] = max((at, place), last.get(numbers[item], (at, place)))
            own = sorted(last, key=last.get)
            held = 0 if len(own) < 2 else 2 if holds_out_validation and len(own) >= 3 else 1
            yield numpy.array(sorted(own[:len(own) - held]), dtype=numpy.int64)

def ease(order, histories, items, model):
    """How many users met each two items: the upper triangle, row after row. Whole numbers: the same bytes, whoever counts."""
    options, met = order["request"]["learnerOptions"], numpy.zeros((len(histories), items))
    if any(options.get(name, "0").strip("0.") for name in ("kernel", "sketch")) or options.get("lambda", "vote").strip("0.") in ("", "vote"):
        raise Refused("this party counts for ease with a given lambda, without kernel and sketch")
    for user, own in zip(met, histories): user[own] = 1
    most = min(2 ** 24, 2 ** (max(LEAST, order["source"]["hosted"]["users"] or clients_of(order)) - 1).bit_length())
    return (met.T @ met)[numpy.triu_indices(items)], 0.0, most, clients_of(order)  # all of them are asked

def mf(order, histories, items, model):
    """Least squares over all items (Hu et al. 2008): a user's vector is solved for here and stays here; gradients of items are added up."""
    options = {"dims": 64, "alpha": 0.3, "l2-user": 0.006, "l2-item": 0.006, **order["request"]["learnerOptions"]}
    if options.get("objective", "least-squares") != "least-squares": raise Refused("this party does mf with least squares only")
    dims, (alpha, l2_user, l2_item) = int(options["dims"]), (float(options[name]) for name in ("alpha", "l2-user", "l2-item"))
    table, rows, gram, loss = model.reshape(items, dims).astype(float), numpy.zeros((items, dims)), numpy.zeros((dims, dims)), 0.0
    every = alpha * table.T @ table
    for own in histories:
        vectors, ridge = table[own], max(l2_user * (len(own) + alpha * items), 1e-6) * numpy.eye(dims)
        user = numpy.linalg.solve(vectors.T @ vectors + every + ridge, vectors.sum(axis=0))
        rows[own] += numpy.outer(vectors @ user - 1, user) + l2_item * vectors
        gram += numpy.outer(user, user)
        loss += (1 - vectors @ user).sum()
    values = numpy.concatenate([rows.ravel(), gram.ravel(), [len(histories)]])
    return values, loss / max(sum(map(len, histories)), 1), LEAST, order["request"]["rounds"]["cohortSize"] or clients_of(order)

LEARNERS = {"ease": ease, "mf": mf}
def train(order, rows, catalogue, model):
    """The update: a head, and round(x * 2**bits) of each value, so that sums are the same in any order."""
    numbers = {item: number for number, item in enumerate(dict.fromkeys(item["id"] for item in catalogue["items"]))}
    histories = list(rows.training(numbers, order["source"]["holdOutValidation"]))
    values, loss, least, clients = LEARNERS[order["request"]["learner"]](order, histories, len(numbers), model)
    bits, most = 32, min(2 ** 50, (2 ** 63 - 1) // clients)  # so that no sum of all clients leaves 64 bits
    while most / 2 ** bits < least: bits -= 1
    if not numpy.all(numpy.abs(numpy.append(values, loss)) <= most / 2 ** bits): raise Refused("what was trained is not finite, or too large to be added")
    head = struct.pack("<4siqqqdii", b"FRU1", bits, 2 ** bits, round(loss * 2 ** bits), sum(map(len, histories)), 1.0, 0, 0)
    return head + numpy.rint(values.astype(numpy.float32) * 2.0 ** bits).astype("<i8").tobytes()

def check(order, code):
    """What this party does not know it refuses, rather than do something else."""
    request, source = order["request"], order["source"]
    plain = {"aggregator": "mean", "clipNorm": 0, "steps": None, "maxShare": 0, "mode": None, "weighting": "uniform"}
    other = [name for name, value in plain.items() if request["rounds"].get(name, value) != value]
    if request["federation"] != code["federation"] or not source.get("hosted"): raise Refused("the order is not of this party's federation")
    if request["learner"] not in LEARNERS or request.get("personalization") or request["warmStart"] or source["recordedHistory"] or other:
        raise Refused(f"this party does ease and mf in their plain form, and not {request['learner']} with these settings {' '.join(other)}".strip())

def follow(order, coordinator, rows, log):
    """Trains, notes what leaves before it does, and sends it. This party ranks nobody: an evaluation is answered with nothing."""
    if order.get("evaluation"): return coordinator.evaluated(order["evaluation"]["id"], b"")
    of, learner = order["update"], order["request"]["learner"]
    def tell(words): say(f"{of['run']}, round {of['round']}: {words}")
    try:
        check(order, coordinator.code)
        catalogue, model = (coordinator.fetch(order[name]) for name in ("catalogueSha256", "modelSha256"))
        update = train(order, rows, json.loads(catalogue), numpy.frombuffer(model, dtype="<f4"))
    except (Refused, numpy.linalg.LinAlgError) as reason:
        log(what="refusal", **of, reason=str(reason))
        tell(f"refused: {reason}")
        return coordinator.refuse(order, str(reason))
    log(what="update", **of, learner=learner, bytes=len(update), sha256=sha256(update), model=order["modelSha256"], catalogue=order["catalogueSha256"])
    receipt = coordinator.submit(order, update)
    log(what="receipt", **of, outcome=receipt["outcome"], sha256=receipt["payloadSha256"])
    tell(f"sent {len(update):,} bytes ({learner}, summed over {len(rows.users):,} users); {receipt['outcome'].lower()}")

# --- the two commands ---------------------------------------------------------------------------------------------------
def join(text, data, folder):
    code = json.loads(read_word(text, "fedrec-party-1-"))
    rows = Rows(data, code["hasManyUsers"])
    if not is_safe(code["url"]): raise ValueError(f"the coordinator's address is {code['url']}; parties go to other machines by https only")
    os.makedirs(folder, mode=0o700, exist_ok=True)
    key = Key(folder, is_joining=True)
    if Coordinator(code, key).join() != key.fingerprint(): raise ValueError("the coordinator has another key for this party; ask for a new code")
    pathlib.Path(folder, "party.json").write_text(json.dumps({"code": {**code, "secret": ""}, "data": os.path.abspath(data)}))
    print(f"{code['name']} has joined {code['federation']} with {len(rows.users):,} users; tell the operator its fingerprint: {key.fingerprint()}")

def run(folder):
    try: code, data = (json.loads(pathlib.Path(folder, "party.json").read_text())[name] for name in ("code", "data"))
    except FileNotFoundError: raise ValueError(f"no party has joined in {folder}; join first: party.py join CODE --data FILE --folder {folder}")
    alone = open(os.path.join(folder, "running"), "w")
    try: fcntl.flock(alone, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError: raise ValueError(f"party '{code['name']}' runs already, in another process")
    def log(**line):
        with open(os.path.join(folder, "releases.jsonl"), "ab", buffering=0) as file:
            file.write(json.dumps({"at": datetime.datetime.now(datetime.timezone.utc).isoformat(), **line}).encode() + b"\n")
            os.fsync(file.fileno())
    coordinator, rows, is_told, pause, said = Coordinator(code, Key(folder)), Rows(data, code["hasManyUsers"]), False, 1, ""
    while True:
        try:
            if not is_told:
                coordinator.report(len(rows.users), sum(map(len, rows.users.values())))
                is_told = True
                say(f"connected to {code['url']}; waiting for orders")
            if order := coordinator.poll(): follow(order, coordinator, rows, log)
            pause, said = 1, ""
        except (Problem, *LOST) as problem:
            status = getattr(problem, "status", 0)
            if status == 410: raise  # removed, for good
            if f"{problem}" != said: say(said := f"{problem}")
            is_told, pause = is_told and status != 403, 1 if status in (403, 404, 409) else min(2 * pause, 30)  # not let in yet; or the round went on
            time.sleep(max(pause, min(getattr(problem, "retry_after", 0), 600)))

if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("command", choices=["join", "run"])
    parser.add_argument("code", nargs="?", default="", help="code of the invitation, for join")
    parser.add_argument("--data", default="", help="CSV file with the columns user, item, timestamp, for join")
    parser.add_argument("--folder", default="party", help="folder of the party's key, membership and log")
    line = parser.parse_args()
    try: join(line.code, line.data, line.folder) if line.command == "join" else run(line.folder)
    except (Problem, *LOST, ValueError, KeyError) as problem: sys.exit(f"party.py: {problem}")
    except subprocess.CalledProcessError as problem: sys.exit(f"party.py: openssl does not do what it is asked: {problem.stderr.decode().strip()}")
