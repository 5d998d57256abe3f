import Testing

@Suite struct `GEN-5: French for every sentence of a problem` {
    private func source(_ text: String, _ path: String = "Services/One/Service/HTTP/One.swift") -> SourceFile {
        SourceFile(path: path, text: text)
    }

    private func entries(_ path: String) throws -> [(english: String, french: String)] {
        try Phrases.french(in: Repository.here.text(path))
    }

    private func known(_ path: String) throws -> [String: String] {
        Dictionary(try entries(path).map { ($0.english, $0.french) }) { first, _ in first }
    }

    @Test(arguments: ["Invoicing", "Notification", "PaymentOrchestrator", "Reconciliation"])
    func `a service says nothing that has no French`(service: String) throws {
        let sources = try Repository.sources.get()
        let (path, own) = (Phrases.catalogue(of: service), sources.filter { $0.path.hasPrefix("Services/\(service)/") })
        #expect(own.flatMap(Phrases.required).count > 80)
        expectNone(Phrases.breaches(in: path, try entries(path)))
        expectNone(
            Phrases.breaches(
                of: own, beside: sources.filter { $0.path.hasPrefix("Shared/PaymentModel/") }, path: path,
                try known(path), try known(Phrases.shared)))
    }

    @Test func `what all services say has French`() throws {
        let shared = try Repository.sources.get().filter { $0.path.hasPrefix("Shared/") }
        #expect(shared.flatMap(Phrases.required).count > 120)
        expectNone(Phrases.breaches(in: Phrases.shared, try entries(Phrases.shared)))
        expectNone(Phrases.breaches(of: shared, path: Phrases.shared, try known(Phrases.shared)))
    }

    @Test(arguments: [
        (Phrases.catalogue(of: "PaymentOrchestrator"), "not a key for Alma's test payments: sk_test_…"),
        (Phrases.catalogue(of: "PaymentOrchestrator"), "not a key for Stripe's live payments: sk_live_…"),
        (Phrases.catalogue(of: "PaymentOrchestrator"), "not a signing secret of Stripe's: whsec_…"),
        (Phrases.catalogue(of: "Reconciliation"), "day-month-year"),
        (Phrases.catalogue(of: "Reconciliation"), "year-month-day"),
        (Phrases.catalogue(of: "Reconciliation"), "month-day-year"),
    ])
    func `what is put into a sentence as a word has French`(path: String, word: String) throws {
        #expect(try known(path)[word] != nil)
    }

    /// Notes are kept in English, and told as one phrase each.
    @Test(arguments: [
        "another mail with its invoice is being sent", "dunning of the client is paused", "held by the gateway",
        "held until it may be sent", "it would have come too late", "its campaign is paused",
        "its campaign was stopped", "its recipient could not be asked for", "no gateway for its channel",
        "nobody knows its recipient", "restored from a backup", "the client has no address for it",
        "the code is not good any more",
        "the gateway did not tell its time", "the gateway does not say whether it sent it",
        "the gateway is not ready", "the gateway sent it to nobody", "the mail cannot be written",
        "the mail server did not answer", "the mail server does not let us in", "the mail server was not reached",
        "the message cannot be written as JSON", "the money was received more than a week before",
        "the organisation has no parts of SMS left", "the recipient has not agreed to marketing",
        "the recipient wants no marketing any more",
        "the worker that called is gone", "the worker was held up",
    ])
    func `a note that is kept with a message has French`(note: String) throws {
        #expect(try known(Phrases.catalogue(of: "Notification"))[note] != nil)
    }

    @Test(arguments: [
        (#"Problem(.conflict, detail: "It is \(state(of: "x")).", remedy: "Wait.")"#, ["It is {}."]),
        (#".field("/a", reason: isOne ? "One is left." : "\(left) are left.")"#, ["One is left.", "{} are left."]),
        (
            #"fields.refuse("a", reason: "It is " + "late.", remedy: a.map { "Say \($0)." } ?? "Leave it out.")"#,
            ["It is late.", "Say {}.", "Leave it out."]
        ),
        ("let a: Sentence = \"\"\"\n    Give all \\\n    of it.\n    \"\"\"", ["Give all of it."]),
        ("func words() -> Sentence {\n    switch a {\n    case .b: \"It is b.\"\n    }\n}", ["It is b."]),
        ("var all: [Sentence] {\n    [a ? \"It is a.\" : \"It is b.\"]\n}", ["It is a.", "It is b."]),
        (#"static let gone = Self("gone", 410, "It is gone")"#, ["It is gone"]),
        (#"errors: missing.map { FieldProblem(pointer: "/\($0) b", reason: "It is missing.") }"#, ["It is missing."]),
    ])
    func `a sentence is found`(text: String, sentences: [String]) {
        #expect(Phrases.required(in: source(text)).map(\.text) == sentences)
        #expect(Phrases.breaches(of: [source(text)], path: "a", [:]).count == sentences.count)
    }

    @Test(arguments: [
        #"logger.info("it is late", metadata: ["reason": "by a day"])"#, #"// detail: "It is late.""#,
        #"throw SettingsError(reason: "It is no number.")"#, #"let a = "It is late.""#, #"Problem(detail: "Wait.")"#,
    ])
    func `what no caller reads is not found`(text: String) {
        #expect(Phrases.required(in: source(text)) == [])
    }

    @Test func `what is said nowhere, and what does not fit, is found`() throws {
        let text = "{\n  \"It is {}.\": \"C’est.\",\n  \"A\": \"« B » : C !\",\n  \"Gone.\": \"{2} {1}\"\n}\n"
        let entries = try Phrases.french(in: text)
        #expect(
            Phrases.breaches(in: "a", entries).map(\.text) == [
                "\"A\" is there twice, or not in its place", "\"C’est.\" has other places for values",
                "\"« B » : C !\" may break before a sign", "\"{2} {1}\" has other places for values",
            ])
        #expect(
            Phrases.breaches(of: [source("enum A { case draft }")], path: "a", ["draft": "", "Gone.": ""]).map(\.text)
                == ["\"Gone.\" is said nowhere"])
    }
}
