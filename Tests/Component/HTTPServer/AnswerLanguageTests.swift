import HTTPServer
import PaymentModel
import Testing

@Suite struct `GEN-5: problems in the reader's language` {
    @Test(arguments: [
        (nil, Language.english), ("", .english), ("fr", .french), ("FR-ch", .french), ("en", .english),
        ("de, fr;q=0.8, en;q=0.9", .english), ("de, fr;q=0.9, en;q=0.8", .french), ("fr;q=0, en;q=0.1", .english),
        ("fr;q=0", .english), ("en, fr", .english), ("fr, en", .french), ("*", .english), ("de", .english),
        (" fr ; q=0.5", .french), ("fr;q=zero, en;q=0.1", .english), ("frisian", .english),
        ("fr-FR,fr;q=0.9,en-US;q=0.8,en;q=0.7", .french),
    ])
    func `are told in the language that is liked best`(header: String?, language: Language) {
        #expect(Language.answering(header) == language)
    }

    @Test func `are French where the caller reads French`() async throws {
        let client = try await InProcessClient(SampleRoutes.all)
        let french = try await client.call(.get, "/v1/nothing", headers: ["Accept-Language": "fr-FR,fr;q=0.9"])
        let english = try await client.call(.get, "/v1/nothing")
        #expect(french.problem == "not-found")
        #expect(french.headers["Content-Language"] == "fr")
        #expect(french.headers["Vary"] == "Accept-Language")
        #expect(english.headers["Content-Language"] == "en")
        for field in ["title", "detail", "remedy"] {
            let told = try #require(french.json[field]?.text)
            #expect(told != english.json[field]?.text, "\(field) is English: \(told)")
        }
    }

    @Test func `name refused fields in French`() async throws {
        let answer = try await InProcessClient(SampleRoutes.all).call(
            .post, "/v1/invoices", as: Callers.principal(), json: #"{"colour": 1}"#, key: "a-key-of-a-test",
            headers: ["Accept-Language": "fr"])
        #expect(answer.problem == "invalid-fields")
        let error = try #require(answer.json["errors"]?.elements?.first)
        #expect(error["reason"]?.text == "Ce champ manque.")
        #expect(error["remedy"]?.text?.hasPrefix("Indiquez un montant") == true)
    }

    @Test func `call each role what people call it, beside what a token says`() async throws {
        let access = Access.roles([.manager, .accountant], scope: "invoices:read")
        let route = Route(.get, "/v1/told", operation: "tell", access: access) { request in
            try request.json(.ok, Told(reason: "The body is empty."))
        }
        let client = try await InProcessClient([route])
        for (header, text) in [
            (
                "fr",
                "Le rôle magasin (front-desk) n'y a pas droit ; il faut : comptabilité (accountant), gestion (manager)."
            ),
            ("en", "The role front-desk may not do this; it takes accountant, manager."),
        ] {
            let answer = try await client.call(
                .get, "/v1/told", as: Callers.principal(role: .frontDesk), headers: ["Accept-Language": header])
            let detail = answer.json["detail"]?.text?.replacing("\u{202F}", with: " ").replacing("\u{A0}", with: " ")
            #expect(detail == text)
        }
    }

    private struct Told: Encodable { let reason: Sentence }

    @Test func `an answer says its sentences in the language of whoever asked`() async throws {
        let route = Route(.get, "/v1/told", operation: "tell", access: .open(because: "a test")) { request in
            try request.json(.ok, Told(reason: "The body is empty."))
        }
        let client = try await InProcessClient([route], phrases: Phrasebook(french: ["None.": "Aucun."]))
        for (header, language, text) in [
            ("fr", "fr", "Le corps de la requête est vide."), ("en", "en", "The body is empty."),
        ] {
            let answer = try await client.call(.get, "/v1/told", headers: ["Accept-Language": header])
            #expect(answer.json["reason"]?.text == text)
            #expect(answer.headers["Content-Language"] == language && answer.headers["Vary"] == "Accept-Language")
        }
    }
}
