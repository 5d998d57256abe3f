import NotificationDomain
import PaymentModel
import Testing

/// NOT-6: what a campaign says, to whom, and what can be done with it.
@Suite struct `A campaign` {
    private static let ways: [(String, @Sendable (inout Campaign) throws -> Void, from: Set<Campaign.State>)] = [
        ("start", { try $0.start(for: tally(1)) }, [.draft]), ("pause", { try $0.pause() }, [.running]),
        ("resume", { try $0.resume() }, [.paused]), ("stop", { try $0.stop() }, [.running, .paused]),
        ("finish", { try $0.finish() }, [.running]), ("edit", { try $0.requireDraft() }, [.draft]),
    ]

    private static func tally(_ recipients: Int) -> CampaignTally {
        var tally = CampaignTally()
        for _ in 0..<recipients { tally.add(parts: 1) }
        return tally
    }

    @Test(arguments: Campaign.State.allCases)
    func `NOT-6: is steered only from where that is possible`(state: Campaign.State) {
        for (name, step, from) in Self.ways {
            var campaign = Campaign(id: CampaignID(1), state: state)
            if from.contains(state) {
                #expect(throws: Never.self, "\(name) of \(state)") { try step(&campaign) }
            } else {
                #expect(throws: Campaign.Rejection.not(possibleIn: state), "\(name) of \(state)") {
                    try step(&campaign)
                }
                #expect(campaign.state == state)
            }
        }
    }

    @Test func `NOT-6: for nobody it does not start`() {
        var campaign = Campaign(id: CampaignID(1))
        #expect(throws: Campaign.Rejection.nobodyToWriteTo) { try campaign.start(for: Self.tally(0)) }
        #expect(campaign.state == .draft)
    }

    @Test(
        arguments: [
            (nil, true, false, LeftOut.noPhone), ("12", true, false, .badNumber),
            ("+33612345678", true, true, .duplicate), ("+33612345678", false, false, .stop),
            ("+33612345678", nil, false, .noConsent), ("+33612345678", true, false, nil),
        ] as [(String?, Bool?, Bool, LeftOut?)])
    func `NOT-6, NOT-9: leaves out who has not agreed, said STOP, has no number for an SMS, or was there before`(
        number: String?, agreed: Bool?, wasThereBefore: Bool, reason: LeftOut?
    ) {
        // What is no number an SMS arrives at has none here.
        let candidate = CampaignCandidate(number: number, phone: number.flatMap { Phone(e164: $0) })
        #expect(candidate.leftOut(agreed: agreed, wasThereBefore: wasThereBefore) == reason)
    }

    private func text(_ body: String, transliterates: Bool = false) throws -> CampaignText {
        try CampaignText(body, identity: "Les Lilas", mention: "STOP au 36111", transliterates: transliterates)
    }

    @Test func `NOT-6, NOT-9: says who writes and how to say STOP, once, and both are counted`() throws {
        let bare = try text("Vaccins -20%")
        #expect(bare.write(firstName: "", lastName: "") == "Les Lilas: Vaccins -20%\nSTOP au 36111")
        let whole = try text("LES LILAS vous attend. stop au 36111")
        #expect(whole.write(firstName: "", lastName: "") == "LES LILAS vous attend. stop au 36111")
        let full = try CampaignWriter(text(String(repeating: "a", count: 160)))
        #expect(full.write(to: CampaignCandidate(number: nil)).parts == 2, "the mention makes it longer than one part")
    }

    @Test(arguments: [
        ("Vetted vaccines", "Vet: Vetted vaccines"), ("Hello {{firstName}}", "Vet: Hello Vet"),
        ("At the vet's: vaccines", "At the vet's: vaccines"), ("A vetted VET", "A vetted VET"),
    ])
    func `NOT-9: says who writes where that is in its text as a piece of a word, or as its recipient's name`(
        body: String, said: String
    ) throws {
        let text = try CampaignText(body, identity: "Vet", mention: "STOP au 36111", transliterates: false)
        #expect(text.write(firstName: "Vet", lastName: "") == "\(said)\nSTOP au 36111")
    }

    @Test(
        arguments: [
            ("Vaccins -20%", "Les Lilas: Vaccins -20%"), ("Les Lilas ferme. Stop au 36111", "Les Lilas ferme."),
            ("Les Lilas ferme. STOP AU 36111. À lundi", "Les Lilas ferme. À lundi"),
            ("Non-stop chez Les Lilas", "Non-stop chez Les Lilas"),
            ("Les Lilas, STOP aux puces 36111 fois", "Les Lilas, STOP aux puces 36111 fois"),
        ])
    func `NOT-9: says STOP once where the gateway adds its own, wherever the author put ours`(
        body: String, rest: String
    ) throws {
        let written = try text(body).write(firstName: "", lastName: "")
        #expect(StopMention.removed("STOP au 36111", from: written) == rest)
    }

    @Test func `NOT-9: says STOP once also where it was written before our mention was another`() throws {
        let written = try text("Vaccins").write(firstName: "", lastName: "")
        for (text, rest) in [
            (written, "Les Lilas: Vaccins"), (written + "\nSTOP SMS: 36111", "Les Lilas: Vaccins"),
            ("STOP au 36111", "STOP au 36111"), ("STOP aux puces 36111", "STOP aux puces 36111"),
        ] { #expect(StopMention.removed("STOP SMS: 36111", from: text) == rest) }
    }

    @Test func `NOT-6: names are put in for each, and parts are counted with them`() throws {
        let writer = try CampaignWriter(
            text("Bonjour {{firstName}} {{lastName}} " + String(repeating: "a", count: 100)))
        let short = writer.write(to: CampaignCandidate(firstName: "A", lastName: "B", number: nil))
        let long = writer.write(
            to: CampaignCandidate(firstName: String(repeating: "M", count: 60), lastName: "B", number: nil))
        #expect(short.text.contains("Bonjour A B") && short.parts == 1 && long.parts == 2)
        #expect(try text("Bonjour").isUniform && !text("{{firstName}}").isUniform)
    }

    @Test func `NOT-2, NOT-6: each is written to in the text of its language, all others in the body`() throws {
        let writer = try CampaignWriter(text("Vaccins"), otherLanguages: [.english: text("Vaccines, {{firstName}}")])
        func written(_ language: Language?) -> CampaignWriter.Written {
            writer.write(to: CampaignCandidate(firstName: "Ada", language: language, number: nil))
        }
        #expect(written(.english).text == "Les Lilas: Vaccines, Ada\nSTOP au 36111")
        #expect(written(.english).language == .english)
        for language in [Language.french, nil] {
            #expect(written(language).text == "Les Lilas: Vaccins\nSTOP au 36111")
            #expect(written(language).language == nil, "nobody says what language the body is in")
        }
    }

    @Test func `NOT-6: a name is never read as a template`() throws {
        let written = try text("{{firstName}}").write(firstName: "{{lastName}}", lastName: "x")
        #expect(written.contains("{{lastName}}"))
        #expect(throws: MessageTemplate.Fault.self) { try text("{{amount}}") }
    }

    @Test func `C-15: letters that double the bill are replaced where the organisation wants it`() throws {
        let body = "Fête des chiots : jusqu’à -20 %"
        #expect(SMSParts(of: try text(body).write(firstName: "", lastName: "")).coding == .ucs2)
        let plain = try text(body, transliterates: true).write(firstName: "", lastName: "")
        #expect(SMSParts(of: plain).coding == .gsm7)
    }

    @Test func `NOT-6: parts of what is counted beforehand and of what is written are the same`() throws {
        holds(seeds: 1...60) { generator in
            let writer = try CampaignWriter(
                self.text(RandomText.make(&generator).filter { $0 != "{" } + "{{firstName}}"))
            let candidate = CampaignCandidate(firstName: RandomText.make(&generator), number: nil)
            let (once, twice) = (writer.write(to: candidate), writer.write(to: candidate))
            return once == twice && once.parts == SMSParts(of: once.text).count
        }
    }

    @Test func `NOT-2, NOT-6: parts in each language are those of its own text`() throws {
        holds(seeds: 1...60) { generator in
            let texts = try (0..<2).map { _ in
                try self.text(RandomText.make(&generator).filter { $0 != "{" } + "{{lastName}}")
            }
            let writer = CampaignWriter(texts[0], otherLanguages: [.english: texts[1]])
            let name = RandomText.make(&generator)
            return [(Language.french, texts[0]), (.english, texts[1])].allSatisfy { language, text in
                let written = writer.write(to: CampaignCandidate(lastName: name, language: language, number: nil))
                let alone = text.write(firstName: "", lastName: name)
                return written.text == alone && written.parts == SMSParts(of: alone).count
            }
        }
    }
}
