import HTTPClient
import HTTPServer
import NotificationWorld
import PaymentModel
import TestSupport
import Testing

/// NOT-2: an organisation's own words, from the API to the phone.
@Suite struct `The words of an organisation` {
    private static let path = "/v1/templates/payment-link/sms/fr"
    private static let writer: Set<Scope> = [
        "templates:read", "templates:write", "policy:read", "policy:write",
    ]

    private func somebody(_ organisation: OrganisationID, role: Role = .manager) -> Principal {
        NotificationStack.principal(organisation, role: role, scopes: Self.writer)
    }

    /// An organisation nobody else changes the words of.
    private func newOrganisation() -> OrganisationID { OrganisationID(.random(in: 0x1_0000...UInt128.max)) }

    private func put(
        _ stack: NotificationStack, _ json: String, at path: String = path, seen version: Int64, as caller: Principal
    ) async throws -> HTTPResponse {
        try await stack.call(.put, path, json, as: caller, headers: [("If-Match", "\"v\(version)\"")])
    }

    @Test func `NOT-2, GEN-6: are written, seen by nobody else, changed by one person at a time, and taken back`()
        async throws
    {
        let stack = try await NotificationBench.shared().stack
        let (ours, others) = (somebody(newOrganisation()), somebody(newOrganisation()))
        let standard = try await stack.call(.get, Self.path, as: ours)
        #expect(standard.header("ETag") == "\"v0\"" && standard.json["isStandard"] == .bool(true))
        let body = #"{"body":"{{clinic}} : {{amount}} ici {{link}}"}"#
        let written = try await put(stack, body, seen: 0, as: ours)
        #expect(written.status == 200 && written.header("ETag") == "\"v1\"")
        #expect(try await put(stack, body, seen: 0, as: ours).status == 412, "somebody was faster")
        #expect(
            try await stack.call(.get, Self.path, as: ours).json["body"]?.text == "{{clinic}} : {{amount}} ici {{link}}"
        )
        #expect(try await stack.call(.get, Self.path, as: others).json["isStandard"] == .bool(true))
        let reset = try await stack.call(.delete, Self.path, as: ours, headers: [("If-Match", "\"v1\"")])
        #expect(reset.json["isStandard"] == .bool(true))
        let listed = try await stack.call(.get, "/v1/templates", as: ours).json["items"]?.elements ?? []
        #expect(listed.count == 36)
    }

    @Test(
        arguments: [
            (.put, "/v1/sending-policy", #"{"sender":"Les Lilas"}"#),
            (.put, "/v1/templates/payment-link/sms/fr", #"{"body":"Ici : {{link}}"}"#),
            (.delete, "/v1/templates/payment-link/sms/fr", nil),
        ] as [(HTTPRequest.Method, String, String?)])
    func `NOT-2, GEN-1: who manages one clinic reads what is the chain's, and changes none of it`(
        method: HTTPRequest.Method, path: String, json: String?
    ) async throws {
        let stack = try await NotificationBench.shared().stack
        let organisation = newOrganisation()
        let manager = NotificationStack.principal(
            organisation, clinics: .some([NotificationStack.clinic]), scopes: Self.writer)
        let refused = try await stack.call(method, path, json, as: manager, headers: [("If-Match", "\"v0\"")])
        #expect(refused.status == 403 && refused.json["type"]?.text?.hasSuffix("clinic-not-allowed") == true)
        let kept = try await stack.call(.get, path, as: manager)
        #expect(kept.status == 200 && kept.header("ETag") == "\"v0\"")
    }

    @Test(arguments: [
        (#"{"body":"{{prenom}} {{link}}"}"#, "/body", "Line 1, column 1: there is no field {{prenom}} here."),
        (#"{"body":"Bonjour,\n {{amount"}"#, "/body", "Line 2, column 2: two braces are opened and not closed."),
        (#"{"body":"Bonjour"}"#, "/body", "{{link}} is missing, without which the message helps nobody."),
        (#"{"body":"{{link}}","subject":"x"}"#, "/subject", "There is no such field."),
        (#"{"body":"Bonjour,\n{{link}}\u0007"}"#, "/body", "Line 2, column 9: there is a control character."),
        (#"{}"#, "/body", "It is missing."),
    ])
    func `NOT-2: are refused with their line and what to do`(json: String, pointer: String, reason: String) async throws
    {
        let stack = try await NotificationBench.shared().stack
        let answer = try await put(stack, json, seen: 0, as: somebody(newOrganisation()))
        #expect(answer.status == 422)
        let problem = answer.json["errors"]?.elements?.first
        #expect(problem?["pointer"]?.text == pointer && problem?["reason"]?.text == reason)
        #expect(problem?["remedy"]?.text?.isEmpty == false)
    }

    @Test func `NOT-2, NOT-7: that make more parts than phones join are refused, and seen to be before`() async throws {
        let stack = try await NotificationBench.shared().stack
        let caller = somebody(newOrganisation())
        for (words, isTooLong) in [(400, true), (100, false)] {
            let text = String(repeating: "mot ", count: words)
            let draft = #"{"body":"\#(text){{link}}"}"#
            let preview = try await stack.call(.post, "\(Self.path)/preview", draft, as: caller)
            #expect(preview.status == 200 && preview.json["sms"]?["isTooLong"] == .bool(isTooLong))
            let check = try await stack.call(.post, "/v1/sms/check", #"{"text":"\#(text)."}"#, as: caller)
            #expect(check.json["isTooLong"] == .bool(isTooLong))
            let answer = try await put(stack, draft, seen: 0, as: caller)
            #expect(answer.status == (isTooLong ? 422 : 200))
            let reason = isTooLong ? "It makes more than 10 parts." : nil
            #expect(answer.json["errors"]?.elements?.first?["reason"]?.text == reason)
        }
        let dear = String(repeating: "fête ", count: 140)
        let check = try await stack.call(.post, "/v1/sms/check", #"{"text":"\#(dear)"}"#, as: caller)
        #expect(check.json["parts"]?.integer == 11 && check.json["asSent"]?["parts"]?.integer == 5)
        #expect(check.json["isTooLong"] == .bool(false), "it is sent in fewer")
    }

    @Test func `NOT-2, NOT-7: are held to ten parts as they are sent, with letters that double the bill or without`()
        async throws
    {
        let stack = try await NotificationBench.shared().stack
        let caller = somebody(newOrganisation())
        let marked = #"{"body":"\#(String(repeating: "fête ", count: 200)){{link}}"}"#
        #expect(try await put(stack, marked, seen: 0, as: caller).status == 200, "seven parts without its marks")
        let policy = #"{"transliterates":false}"#
        #expect(try await put(stack, policy, at: "/v1/sending-policy", seen: 0, as: caller).status == 200)
        let answer = try await put(stack, marked, seen: 1, as: caller)
        #expect(answer.status == 422)
        #expect(answer.json["errors"]?.elements?.first?["reason"]?.text == "It makes more than 10 parts.")
    }

    @Test func `NOT-6, C-15: are shown with parts and cost before anything is sent`() async throws {
        let stack = try await NotificationBench.shared().stack
        let caller = somebody(newOrganisation())
        let policy = #"{"transliterates":false,"pricePerThousandParts":{"minorUnits":4500,"currency":"EUR"}}"#
        #expect(try await put(stack, policy, at: "/v1/sending-policy", seen: 0, as: caller).status == 200)
        let draft = #"{"body":"Règlement reçu ? Payez ici, c’est sûr : {{link}}"}"#
        let preview = try await stack.call(.post, "\(Self.path)/preview", draft, as: caller).json
        let sms = preview["sms"]
        #expect(sms?["coding"]?.text == "ucs2" && sms?["parts"]?.integer == 2)
        #expect(sms?["cost"]?["minorUnits"]?.integer == 9 && sms?["plain"]?["cost"]?["minorUnits"]?.integer == 5)
        #expect(sms?["findings"]?.elements?.compactMap { $0["instead"]?.text } == ["c", "'", "u"])
        let mail = try await stack.call(.post, "/v1/templates/payment-accepted/email/en/preview", "{}", as: caller).json
        #expect(mail["subject"]?.text == "Your payment of €1,299.90 was accepted" && mail["sms"] == nil)
        let check = try await stack.call(.post, "/v1/sms/check", #"{"text":"[10 €]"}"#, as: caller).json
        #expect(check["units"]?.integer == 9 && check["parts"]?.integer == 1)
    }

    @Test func `NOT-7, C-15: what we fill in does not double the bill of an SMS whose letters are kept`() async throws {
        let stack = try await NotificationBench.shared().stack
        let caller = somebody(newOrganisation())
        let policy = #"{"transliterates":false}"#
        #expect(try await put(stack, policy, at: "/v1/sending-policy", seen: 0, as: caller).status == 200)
        let ours = try await stack.call(.post, "\(Self.path)/preview", "{}", as: caller).json
        #expect(ours["body"]?.text?.contains("pour régler 1 299,90 €,") == true, "\(ours)")
        #expect(ours["sms"]?["coding"]?.text == "gsm7" && ours["sms"]?["parts"]?.integer == 1, "\(ours)")
        let own = #"{"body":"{{amount}}\u202Fici : {{link}}"}"#
        let written = try await stack.call(.post, "\(Self.path)/preview", own, as: caller).json
        #expect(written["body"]?.text?.hasPrefix("1 299,90 €\u{202F}ici") == true, "its author's own stays: \(written)")
        #expect(written["sms"]?["findings"]?.elements?.compactMap { $0["times"]?.integer } == [1])
        let mail = try await stack.call(.post, "/v1/templates/payment-accepted/email/fr/preview", "{}", as: caller).json
        #expect(mail["subject"]?.text == "Votre paiement de 1\u{202F}299,90\u{202F}€ est accepté")
        #expect(mail["body"]?.text?.contains("- le 31/12/2026 : 433,30\u{202F}€") == true, "\(mail)")
    }

    @Test func `NOT-7, C-15: a text is checked as it is, and as the organisation sends it and is billed for it`()
        async throws
    {
        let stack = try await NotificationBench.shared().stack
        let caller = somebody(newOrganisation())
        let text = Array(repeating: "fête", count: 28).joined(separator: " ")
        for (version, replaces) in [(0, true), (1, false)] as [(Int64, Bool)] {
            let policy =
                #"{"transliterates":\#(replaces),"pricePerThousandParts":{"minorUnits":45000,"currency":"EUR"}}"#
            #expect(try await put(stack, policy, at: "/v1/sending-policy", seen: version, as: caller).status == 200)
            let check = try await stack.call(.post, "/v1/sms/check", #"{"text":"\#(text)"}"#, as: caller).json
            #expect(check["coding"]?.text == "ucs2" && check["parts"]?.integer == 3, "\(check)")
            #expect(check["findings"]?.elements?.compactMap { $0["times"]?.integer } == [28])
            let sent = check["asSent"]
            #expect(sent?["text"]?.text == (replaces ? text.replacing("ê", with: "e") : text))
            #expect(sent?["coding"]?.text == (replaces ? "gsm7" : "ucs2"))
            #expect(sent?["parts"]?.integer == (replaces ? 1 : 3))
            #expect(sent?["cost"]?["minorUnits"]?.integer == (replaces ? 45 : 135))
        }
    }

    @Test func `NOT-2: every standard text can be previewed, and has no field left open`() async throws {
        let stack = try await NotificationBench.shared().stack
        let caller = somebody(newOrganisation())
        let listed = try await stack.call(.get, "/v1/templates", as: caller).json["items"]?.elements ?? []
        #expect(!listed.isEmpty)
        for item in listed {
            let name = ["occasion", "channel", "language"].compactMap { item[$0]?.text }.joined(separator: "/")
            let preview = try await stack.call(.post, "/v1/templates/\(name)/preview", "{}", as: caller)
            let words = (preview.json["subject"]?.text ?? "") + (preview.json["body"]?.text ?? "")
            #expect(preview.status == 200 && !words.isEmpty && !words.contains("{{"), "\(name): \(words)")
            #expect(!words.contains("  "), "\(name): a field is empty")
            if name.contains("/sms/") {
                #expect(preview.json["sms"]?["parts"]?.integer ?? 9 <= 2, "\(name)")
            }
        }
        let overdue = try await stack.call(.post, "/v1/templates/overdue/email/fr/preview", "{}", as: caller)
        #expect(overdue.json["body"]?.text?.contains(",\n\nSauf erreur") == true)
        for (path, known) in [
            ("overdue/email/de", "fr, en"), ("overdue/fax/fr", "sms, email"), ("x/sms/fr", "refund"),
        ] {
            let unknown = try await stack.call(.get, "/v1/templates/\(path)", as: caller)
            #expect(unknown.status == 404 && unknown.json["remedy"]?.text?.contains(known) == true, "\(path)")
        }
    }

    @Test func `NOT-2: messages about invoices are off until somebody says how they travel, and an SMS brings no file`()
        async throws
    {
        let stack = try await NotificationBench.shared().stack
        let caller = somebody(newOrganisation())
        let path = "/v1/sending-policy"
        let standard = try await stack.call(.get, path, as: caller).json
        for name in ["documentsBy", "depositRequestsBy", "overdueBy"] { #expect(standard[name] == nil, "\(name)") }
        let refused = try await put(stack, #"{"documentsBy":"sms"}"#, at: path, seen: 0, as: caller)
        #expect(refused.status == 422)
        #expect(refused.json["errors"]?.elements?.first?["reason"]?.text == "An SMS cannot bring a document.")
        let wish = #"{"documentsBy":"email","depositRequestsBy":"sms","overdueBy":"email"}"#
        #expect(try await put(stack, wish, at: path, seen: 0, as: caller).status == 200)
        let kept = try await stack.call(.get, path, as: caller).json
        #expect(kept["documentsBy"]?.text == "email" && kept["depositRequestsBy"]?.text == "sms")
        #expect(kept["overdueBy"]?.text == "email")
    }

    @Test func `NOT-2, NOT-9: reach the phone under the organisation's own name, and front desk may not change them`()
        async throws
    {
        let bench = try await NotificationBench.shared()
        let manager = somebody(NotificationStack.organisation)
        let desk = somebody(NotificationStack.organisation, role: .frontDesk)
        let policy = #"{"sender":"Les Lilas"}"#
        #expect(try await put(bench.stack, policy, at: "/v1/sending-policy", seen: 0, as: desk).status == 403)
        let seen = try await bench.stack.call(.get, "/v1/sending-policy", as: manager).json["version"]?.integer ?? 0
        #expect(
            try await put(bench.stack, policy, at: "/v1/sending-policy", seen: Int64(seen), as: manager).status == 200)
        let payment = try await bench.request()
        let message = try await bench.stack.message(about: payment.id, until: "delivered")
        #expect(try await bench.stack.sent(message.id).first?["sender"].string == "Les Lilas")
        let bad = try await put(bench.stack, #"{"sender":"12345"}"#, at: "/v1/sending-policy", seen: 1, as: manager)
        #expect(bad.status == 422)
    }
}
