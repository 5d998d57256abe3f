import NotificationDomain
import Testing

/// NOT-2: words with fields, and what is wrong with them.
@Suite struct `A message template` {
    private func render(
        _ text: String, of occasion: Occasion = .paymentAccepted, _ fields: [TemplateField: String] = [:],
        schedule: [[TemplateField: String]] = []
    ) throws -> String {
        try MessageTemplate(text, of: occasion).render(TemplateValues(fields, schedule: schedule))
    }

    @Test func `NOT-2: puts values in and leaves the rest as it is`() throws {
        let text = "Bonjour {{ firstName }}, {1} } }} {{lastName}}"
        #expect(try render(text, [.firstName: "Zoé", .lastName: "D'Arc"]) == "Bonjour Zoé, {1} } }} D'Arc")
    }

    @Test func `NOT-2: repeats what stands between the schedule's tags, whose lines go when they are alone`() throws {
        let rows: [[TemplateField: String]] = [[.day: "1", .amount: "10"], [.day: "2", .amount: "20"]]
        let text = "Dates:\n{{#schedule}}\n- {{day}}: {{amount}} {{clinic}}\n{{/schedule}}\nEnd {{amount}}"
        #expect(
            try render(text, [.amount: "30", .clinic: "L"], schedule: rows)
                == "Dates:\n- 1: 10 L\n- 2: 20 L\nEnd 30")
        #expect(try render("{{#schedule}}{{day}} {{/schedule}}", schedule: rows) == "1 2 ")
    }

    @Test func `NOT-2: never reads a value as a template, whatever a client is called`() {
        holds(seeds: 1...100) { generator in
            let name = RandomText.make(&generator) + "{{link}}{{#schedule}}"
            let message = try MessageTemplate("<{{firstName}}>", of: .refund)
            return message.render(TemplateValues([.firstName: name])) == "<\(name)>"
        }
    }

    @Test func `NOT-2: reads any text or says where it is wrong, and a text without braces is itself`() {
        holds(seeds: 1...100) { generator in
            let text = RandomText.make(&generator)
            do throws(MessageTemplate.Fault) {
                let message = try MessageTemplate(text, of: .refund)
                return text.contains("{{") || message.render(TemplateValues([:])) == text
            } catch {
                let lines = text.split(omittingEmptySubsequences: false) { $0.isNewline }
                return lines[error.line - 1].dropFirst(error.column - 1).hasPrefix("{{")
            }
        }
    }

    @Test(arguments: [
        ("a\nb {{prenom}}", MessageTemplate.Fault.Kind.unknownField("prenom"), 2, 3),
        ("{{link}}", .unknownField("link"), 1, 1), ("{{day}}", .unknownField("day"), 1, 1),
        ("x {{amount\n}}", .notClosed, 1, 3), ("{{", .notClosed, 1, 1), ("{{}}", .unknownField(""), 1, 1),
        ("{{#schedule}}", .unpaired("#schedule"), 1, 1), ("{{/schedule}}", .unpaired("/schedule"), 1, 1),
        ("{{#schedule}}{{#schedule}}{{/schedule}}", .unpaired("#schedule"), 1, 14),
    ])
    func `NOT-2: is refused with the line and column of what is wrong`(
        text: String, kind: MessageTemplate.Fault.Kind, line: Int, column: Int
    ) {
        #expect(throws: MessageTemplate.Fault(kind: kind, line: line, column: column)) {
            try MessageTemplate(text, of: .paymentAccepted)
        }
    }

    @Test func `NOT-2: of a payment link must have the link`() throws {
        #expect(throws: MessageTemplate.Fault(kind: .missing(.link), line: 1, column: 1)) {
            try MessageTemplate("Payez {{amount}}", of: .paymentLink)
        }
        _ = try MessageTemplate("Payez", of: .paymentLink, asSubject: true)
    }

    @Test func `PAY-5: of a code must have the code, and no other occasion knows one`() throws {
        #expect(throws: MessageTemplate.Fault(kind: .missing(.code), line: 1, column: 1)) {
            try MessageTemplate("Votre code", of: .verificationCode)
        }
        for occasion in Occasion.allCases where occasion != .verificationCode {
            #expect(!occasion.fields.contains(.code))
        }
    }
}
