package explain

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"streamscope/internal/token"
)

// demoIssuer signs the demo tokens of Stream's documentation (protocol.md 3.1).
const demoIssuer = "https://pronto.getstream.io"

// LoadAlarm is how many loads of a token in a minute are too many. A client
// that works needs one in the life of a token, and connectUser makes at most
// five in a row (field-notes 0 H to J).
const LoadAlarm = 6

// SkewAlarm is the difference of clocks from which a warning is worth it.
const SkewAlarm = 5 * time.Second

// checks are the judgements of the token bench (design.md 6), in the order in
// which findings of the same severity are listed.
var checks = []func(bench) []Finding{
	checkReadable, checkWrapping, checkHeader, checkAlphabet, checkSignature, checkUser, checkServer,
	checkTimes, checkExpiry, checkStart, checkClock, checkCalls, checkSource, checkLoads,
}

func finding(id string, s Severity, text, fix string) []Finding {
	return []Finding{{ID: id, Severity: s, Text: text, Fix: fix}}
}

func checkReadable(b bench) []Finding {
	switch {
	case b.text == "" && b.anonymous():
		return finding("no-token", Note, "An anonymous user without a token reads only what is public.",
			"Give a token with call_cids to open a call.")
	case b.text == "":
		return finding("empty", Bad, "There is no token.", "Check the variable, file or answer that it should come from.")
	case b.err == nil:
		return nil
	case errors.Is(b.err, token.ErrSegments):
		return finding("segments", Bad, malformed(b.err), "Copy the whole token: three parts with two dots between them.")
	case errors.Is(b.err, token.ErrHeader):
		return finding("header", Bad, malformed(b.err), "Make the token with a Stream SDK or a JWT library, with HS256.")
	case errors.Is(b.err, token.ErrJSON):
		return finding("json", Bad, malformed(b.err), "Copy the token again; it may have been cut off.")
	}
	return finding("base64", Bad, malformed(b.err), "Copy the token again; a character may have been changed or lost.")
}

func checkWrapping(b bench) []Finding {
	var found []Finding
	w := b.wrapping
	if w.Quotes {
		found = append(found, finding("quotes", Bad, "There are quotation marks around the token.",
			"Parse the answer as JSON before you use it. The official client lets the quotes pass, and the server does not.")...)
	}
	if w.Bearer {
		found = append(found, finding("bearer", Bad, "The token starts with the word Bearer.",
			"Pass the token alone: Stream's Authorization header has no scheme.")...)
	}
	if w.Inside {
		found = append(found, finding("space-inside", Bad, "There are blanks or line breaks within the token.",
			"Copy it in one piece; a terminal or mail may have broken the line.")...)
	}
	if w.Space {
		found = append(found, finding("space", Warn, "There are blanks or line breaks around the token.",
			"Trim the text: a file or a command often ends with a line break.")...)
	}
	return found
}

func checkHeader(b bench) []Finding {
	switch {
	case b.claims.Alg != "" && b.claims.Alg != "HS256":
		return finding("algorithm", Bad, fmt.Sprintf("The token is made for %s, and Stream accepts only HS256.", quoted(b.claims.Alg)),
			"Sign with HS256 and the API secret, or use the token method of a Stream server SDK.")
	case b.err == nil && !strings.EqualFold(b.claims.Type, "JWT"):
		return finding("type", Note, "The token's header does not say that it is a JWT.", "Put typ JWT into the header, as Stream's SDKs do.")
	}
	return nil
}

// checkAlphabet knows the limits of the official client's decoder (protocol.md
// 3.2, K20).
func checkAlphabet(b bench) []Finding {
	switch {
	case b.claims.Alphabet == token.StandardAlphabet:
		return finding("alphabet", Bad, "The token is written in standard base64, with +, / or =.",
			"Use base64url without padding, as every JWT library does.")
	case b.err != nil:
		return nil
	case strings.ContainsFunc(b.claims.UserID, func(r rune) bool { return r > 127 }):
		return finding("user-id-ascii", Warn, "The user_id has characters beyond ASCII, and the official JS client reads them wrongly and refuses the token.",
			"Use plain ASCII ids, such as UUIDs, and keep the readable name in the user's name.")
	case b.claims.Alphabet == token.URLAlphabet:
		return finding("client-decoder", Warn, "The payload has a - or _ in its base64, which the official JS client cannot decode.",
			"Use ids and claims of plain letters and digits. The token itself is correct.")
	}
	return nil
}

func checkSignature(b bench) []Finding {
	var found []Finding
	switch b.signature {
	case SignatureWrong:
		found = finding("signature", Bad, "The token was not signed with this secret.",
			"Use the secret of the same app as the API key. Stream answers such a token with code 43.")
	case SignatureOK:
		found = finding("signature-ok", Note, "The token was signed with this secret.",
			"Make sure that the secret belongs to the API key you connect with.")
	}
	if b.claims.Iss == demoIssuer {
		found = append(found, finding("demo-token", Warn, "This is a demo token from Stream's documentation.",
			"It works only with the demo API key. Issue tokens with the secret of your own app.")...)
	}
	return found
}

func checkUser(b bench) []Finding {
	c := b.claims
	switch {
	case b.err != nil || c.Server && c.UserID == "":
		return nil
	case slices.Contains(c.WrongType, "user_id"):
		return finding("user-id-type", Bad, "The user_id of the token is not a text.", "Put the id into quotes when you make the token.")
	case c.UserID == "" && c.Sub != "":
		return finding("sub-instead", Bad, "The token has the user in sub, and Stream reads user_id.",
			"Name the claim user_id when you make the token.")
	case c.UserID == "":
		return finding("user-id-missing", Bad, "The token names no user_id.",
			"Add the claim user_id with the id of the user.")
	case b.UserID != "" && !b.anonymous() && c.UserID != b.UserID:
		return finding("user-mismatch", Bad, fmt.Sprintf("The token is for %s, and the user that connects is %s.", quoted(c.UserID), quoted(b.UserID)),
			"Ask your backend for a token of this user. The ids must be equal letter by letter.")
	}
	return nil
}

func checkServer(b bench) []Finding {
	if !b.claims.Server {
		return nil
	}
	return finding("server-token", Bad, "This is a server token: whoever has it can do everything in the app.",
		"Keep it on the backend, and give apps user tokens. If it was in an app, change the API secret.")
}

func checkCalls(b bench) []Finding {
	if b.err != nil {
		return nil
	}
	cids := b.claims.CallCIDs
	var found []Finding
	for _, cid := range cids {
		if kind, id, ok := strings.Cut(cid, ":"); !ok || kind == "" || id == "" {
			found = append(found, finding("call-cid-shape", Warn, fmt.Sprintf("The entry %s of call_cids is not of the form type:id.", quoted(cid)),
				"Write the whole cid, as in livestream:123.")...)
			break
		}
	}
	switch {
	case slices.Contains(b.claims.WrongType, "call_cids"):
		found = append(found, finding("call-cids-type", Bad, "The claim call_cids is not a list of texts.", "Write it as a list, as in [\"livestream:123\"].")...)
	case b.anonymous() && len(cids) == 0:
		found = append(found, finding("call-cids-missing", Bad, "An anonymous user's token must name its calls in call_cids, and this one names none.",
			"Issue the token with call_cids, as in [\"livestream:123\"].")...)
	case b.CallCID != "" && len(cids) > 0 && !slices.Contains(cids, b.CallCID):
		found = append(found, finding("call-not-covered", Bad, fmt.Sprintf("The token does not open the call %s.", quoted(b.CallCID)),
			"Issue the token with this call in call_cids.")...)
	}
	if b.anonymous() {
		found = append(found, finding("anonymous", Note, "An anonymous user has no socket and gets no events, by design.",
			"Use a guest or a signed-in user if the app needs events.")...)
	}
	return found
}
