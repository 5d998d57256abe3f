import NotificationDomain
import PaymentModel

/// Which words are meant.
struct TemplateName: Hashable, Sendable {
    let occasion: Occasion
    let channel: Channel
    let language: Language
}

/// The words as they were written, with their fields.
struct TemplateText: Hashable, Sendable {
    /// Empty for an SMS.
    let subject: String
    let body: String
}

/// The words of one message, ready to be filled in.
struct ParsedTemplate: Sendable {
    let name: TemplateName
    let subject: MessageTemplate
    let body: MessageTemplate

    /// What is wrong with the words, and where in the request they are.
    struct Refused: Error {
        let place: String
        let fault: MessageTemplate.Fault
        let occasion: Occasion
    }

    init(_ text: TemplateText, as name: TemplateName) throws(Refused) {
        self.name = name
        do throws(MessageTemplate.Fault) {
            body = try MessageTemplate(text.body, of: name.occasion)
        } catch {
            throw Refused(place: "body", fault: error, occasion: name.occasion)
        }
        do throws(MessageTemplate.Fault) {
            subject = try MessageTemplate(text.subject, of: name.occasion, asSubject: true)
        } catch {
            throw Refused(place: "subject", fault: error, occasion: name.occasion)
        }
    }
}
