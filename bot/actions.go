package bot

// ActionHelp lists the words that name what the assistant does, as scripts and
// `chat --json` write them.
const ActionHelp = `Actions, as "actions" of chat --json and in scripts:

  disclose            introduces itself as an automatic assistant
  answer ID           answers with this article
  clarify ID ID ID    offers up to three articles to choose from
  abstain             says that it has no reliable answer
  offer-ticket        stops looking after two attempts; offers ticket, number, person
  step ID N           shows a step of the guided procedure
  solved ID           the article helped
  unsolved ID         it did not; offers what was not tried yet
  ask WHAT            waits for an answer: question, rephrase, solved, email, code,
                      ticket.FIELD, ticket.confirm, ticket.edit, message.N, close.N, reopen.N,
                      which-ticket, rating, suggestion.N, category, request.CATEGORY
  form TYPE           begins the form of a request type of the catalogue
  open N              opened this ticket
  status N            lists tickets (none, or how many)
  show N              shows one ticket with its history
  message N           added a message to this ticket
  close N, reopen N   did so
  rate N              kept the rating
  notice N            tells what happened to this ticket, unasked ("notice 5 tickets" of several)
  chats N             tells how many chats are linked to the person
  unlink CHANNEL      took one of them from the person
  phone APP           tells how to call about this application (or branches of the tree)
  hours DAY           tells the hours of a day
  hand-over BRANCH    recorded the wish for a person, and tells how to reach one
  queue BRANCH        the person waits for an operator (place BRANCH tells their place again)
  still-queue BRANCH  it takes longer than it should; offers the ticket
  pass-on             what is written goes to operators from now on
  unqueue WHY         the person waits no more: assistant, ticket, resume, closed, unserved
  take, take over     an operator answers from now on, or another one
  hand-back           the assistant answers again, and goes on where it was
  end                 the operator has ended the talk
  elsewhere           tells a code, and links, to go on with the conversation on another channel
  private             goes on in private, for others read along: what was asked for is personal
  continue CHANNEL    goes on with a conversation that was begun elsewhere
  left CHANNEL        this conversation went on elsewhere
  recognise           an e-mail address was confirmed
  warn WHAT           a secret was masked, a ticket looks the same, a request is delicate
  refuse WHY          cannot take this answer, and says why
  language it|en      goes on in this language
  greet, thank, goodbye, sorry, calm, help, identity WHO, privacy
  confirm WHAT, cancel, restart, repeat, stale, fail
`
