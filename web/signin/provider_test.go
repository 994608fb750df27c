package signin_test

import _ "github.com/oauth2-proxy/mockoidc"
