/* Does Spring Security take a pool for an issuer? It finds the keys by itself, and says what is wrong with a token. */

import org.springframework.security.oauth2.jwt.BadJwtException;
import org.springframework.security.oauth2.jwt.JwtDecoder;
import org.springframework.security.oauth2.jwt.JwtDecoders;

class Spring {
    public static void main(String[] given) {
        String issuer = given[0], token = given[1], ofAnother = given[2];
        for (JwtDecoder decoder : new JwtDecoder[] {
            JwtDecoders.fromIssuerLocation(issuer), JwtDecoders.fromOidcIssuerLocation(issuer),
        }) {
            System.out.println("sub=" + decoder.decode(token).getSubject());
            for (String bad : new String[] {token + "x", ofAnother}) {
                try {
                    decoder.decode(bad);
                    throw new AssertionError("taken: " + bad);
                } catch (BadJwtException refused) {
                    System.out.println("refused=" + refused.getClass().getSimpleName());
                }
            }
        }
    }
}
